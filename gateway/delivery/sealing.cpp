#include "gateway/delivery/sealing.hpp"

#include "mapping/feed/feed.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>

namespace auditgate::gateway::delivery {

namespace json = fhir::json;
namespace feed = mapping::feed;
using store::record_action;

namespace {

error cannot_seal(std::string text) {
    return {errc::configuration, std::move(text)};
}

// A retract has no content, so the layout of any version of its dataset can carry it: the newest, when there is none of
// its own any more.
const feed::layout* layout_for(std::string_view dataset, std::string_view version, bool retract,
                               std::span<const feed::layout> layouts) {
    const feed::layout* own = feed::find_layout(layouts, dataset, version);
    if (own != nullptr || !retract) {
        return own;
    }
    const auto newest = std::find_if(layouts.rbegin(), layouts.rend(),
                                     [&](const feed::layout& one) { return one.dataset == dataset; });
    return newest == layouts.rend() ? nullptr : &*newest;
}

// What a retract takes back. It only needs the head of it, so anything that was rendered of the record will do.
std::optional<json::value> last_content(const store::outbox_row& row, std::span<const feed::layout> layouts) {
    const std::string sealed = row.sealed ? row.sealed->content : std::string{};
    for (const std::string& text : {sealed, row.last_content, row.desired_content.value_or("")}) {
        if (!text.empty()) {
            return json::parse(text).document;
        }
    }
    const auto bundle = json::parse(row.sealed ? row.sealed->body : "").document;
    if (!bundle) {
        return std::nullopt;
    }
    const feed::bundle_dataset of = feed::dataset_of(*bundle);
    const feed::layout* places = layout_for(of.dataset, of.dataset_version, true, layouts);
    return places == nullptr ? std::nullopt : feed::read_bundle(*bundle, *places).record;
}

} // namespace

result<store::sealed_record> seal_record(const store::outbox_row& row, record_action action, int version,
                                         std::span<const feed::layout> layouts) {
    const bool retract = action == record_action::retract;
    const auto content =
        retract ? last_content(row, layouts) : json::parse(row.desired_content.value_or("")).document;
    if (!content) {
        return cannot_seal("there is no content of the record to make a version of");
    }
    const std::string_view version_of_content = (*content)["dataset_version"].text();
    const feed::layout* places =
        layout_for((*content)["dataset"].text(), version_of_content, retract, layouts);
    if (places == nullptr) {
        return cannot_seal("there is no feed layout for the dataset version of the record");
    }
    const auto named =
        action == record_action::create ? mapping::record_action::create : mapping::record_action::amend;
    json::value record =
        retract ? mapping::retraction(*content, version) : mapping::finished_record(*content, version, named);
    if (std::ranges::find(places->dataset_versions, version_of_content) == places->dataset_versions.end()) {
        record.set("dataset_version", json::value(places->dataset_versions.back())); // of a retract only
    }
    feed::written_bundle written = feed::write_bundle(record, *places, row.slots_out);
    if (!written.bundle) {
        const fhir::finding& first = written.findings.front();
        return cannot_seal(first.code + " " + first.path + ": " + first.text);
    }
    store::sealed_record sealed;
    sealed.version = version;
    sealed.action = action;
    sealed.content_hash = retract ? std::string{} : mapping::content_hash(*content);
    sealed.content = retract ? std::string{} : *row.desired_content;
    sealed.body = json::write(*written.bundle);
    sealed.slots = std::move(written.slots);
    return sealed;
}

} // namespace auditgate::gateway::delivery
