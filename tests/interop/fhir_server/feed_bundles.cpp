// Records in (NDJSON, in the order in which they go out), the Bundles that the feed makes of them out (NDJSON): what
// run.mjs sends to a server of another maker. Exit code 1 when a record cannot be rendered.
#include "mapping/feed/feed.hpp"

#include <iostream>
#include <map>
#include <string>

int main(int argc, char** argv) {
    namespace feed = auditgate::mapping::feed;
    namespace json = auditgate::fhir::json;
    std::vector<auditgate::mapping::yaml::problem> problems;
    const auto layouts = feed::load_layouts(argc > 1 ? argv[1] : "config/feed", problems);
    for (const auto& problem : problems) {
        std::cerr << to_string(problem) << '\n';
    }
    std::map<std::string, std::vector<std::string>> slots_out; // by record id
    for (std::string line; std::getline(std::cin, line);) {
        const auto record = json::parse(line).document.value_or(json::value{});
        const feed::layout* places =
            feed::find_layout(layouts, record["dataset"].text(), record["dataset_version"].text());
        std::vector<std::string>& slots = slots_out[std::string{record["record_id"].text()}];
        feed::written_bundle written;
        if (places != nullptr) {
            written = feed::write_bundle(record, *places, slots);
        }
        if (!written.bundle) {
            std::cerr << "a record cannot be rendered\n";
            return 1;
        }
        slots = written.slots;
        std::cout << json::write(*written.bundle) << '\n';
    }
    return 0;
}
