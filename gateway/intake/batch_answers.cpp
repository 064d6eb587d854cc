#include "gateway/intake/batch_answers.hpp"

#include "hl7v2/mllp_framer.hpp"

#include <algorithm>

namespace auditgate::gateway::intake {
namespace {

void add_contents(std::string_view frames, std::vector<std::string>& to) {
    hl7v2::mllp_framer framer;
    framer.feed(frames);
    while (std::optional<hl7v2::mllp_event> event = framer.next())
        to.push_back(std::move(event->bytes));
}

} // namespace

batch_answers::batch_answers(std::vector<group> groups, envelope around)
    : groups_(std::move(groups)), around_(std::move(around)) {
    for (const group& one : groups_)
        missing_ += one.messages;
    frames_.resize(missing_);
}

bool batch_answers::add(std::size_t number, std::string frames) {
    frames_.at(number) = std::move(frames);
    return --missing_ == 0;
}

std::string batch_answers::join() const {
    const bool has_envelope =
        around_.file ||
        std::any_of(groups_.begin(), groups_.end(), [](const group& one) { return one.header.has_value(); });
    if (has_envelope)
        if (std::optional<std::string> frame = hl7v2::encode_frame(enveloped()))
            return std::move(*frame);
    std::string all;
    for (const std::string& one : frames_)
        all += one;
    return all;
}

std::string batch_answers::enveloped() const {
    std::vector<std::string> batches;
    std::size_t number = 0;
    for (const group& one : groups_) {
        std::vector<std::string> answers;
        for (std::size_t i = 0; i < one.messages; ++i)
            add_contents(frames_.at(number++), answers);
        if (one.header) {
            batches.push_back(build_batch_acknowledgement(
                *one.header, {answers, one.control_id, around_.time, one.comment}));
        } else {
            batches.insert(batches.end(), answers.begin(), answers.end());
        }
    }
    if (around_.file)
        return build_file_acknowledgement(*around_.file, {batches, around_.control_id, around_.time, {}});
    std::string all;
    for (const std::string& one : batches)
        all += one;
    return all;
}

} // namespace auditgate::gateway::intake
