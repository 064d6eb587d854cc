// What became of one file, for those who handed it in. No patient data: names of columns, codes and numbers only.
#pragma once

#include "fhir/json.hpp"
#include "gateway/store/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace auditgate::gateway::intake {

struct file_finding {
    std::string code; // batch-count-differs, column-missing ...
    std::string path; // row 1; "" for the whole file
    std::string text;
};

struct file_report {
    // Of the messages journaled: source, type and state to how many.
    std::map<std::tuple<std::string, std::string, store::message_state>, std::int64_t> counts;
    std::vector<std::pair<store::message_id, store::message_id>> ids; // from, to; of all but duplicates
    std::vector<file_finding> findings;
    std::string failure; // code; empty: the file was taken
    std::string digest;  // names the content; see file_digest()
    std::int64_t messages = 0;

    void add(const std::string& source, const std::string& type, store::message_state state,
             store::message_id id);
    [[nodiscard]] bool taken() const { return failure.empty(); }
};

[[nodiscard]] fhir::json::value to_json(const file_report& report);
// None: it is no report.
[[nodiscard]] std::optional<file_report> report_of(const fhir::json::value& document);

} // namespace auditgate::gateway::intake
