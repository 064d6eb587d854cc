#include "gateway/delivery/answer.hpp"

#include "fhir/json.hpp"
#include "mapping/feed/conflict.hpp"

#include <algorithm>

namespace auditgate::gateway::delivery {

namespace json = fhir::json;

namespace {

constexpr std::size_t detail_bytes_max = 400;
constexpr std::size_t issues_max = 5;

bool is_confirmed(const json::value& body, std::size_t entries_sent) {
    return body["resourceType"].text() == "Bundle" && body["type"].text() == "transaction-response" &&
           body["entry"].size() == entries_sent &&
           std::ranges::all_of(body["entry"].items(), [](const json::value& entry) {
               return entry["response"]["status"].text().starts_with('2');
           });
}

bool is_digit(char one) {
    return one >= '0' && one <= '9';
}

// Codes, paths and texts of the issues: "error invalid Bundle.entry.resource.status: no such code ...".
std::string text_of(const json::value& outcome) {
    std::string text;
    for (const json::value& issue :
         outcome["issue"].items().first(std::min(outcome["issue"].size(), issues_max))) {
        text += text.empty() ? "" : "; ";
        text += issue["severity"].text();
        text += ' ';
        text += issue["code"].text();
        const std::string_view said = issue["details"]["text"].is_string() ? issue["details"]["text"].text()
                                                                           : issue["diagnostics"].text();
        if (!said.empty()) {
            text += ": ";
            text += without_values(said);
        }
    }
    if (text.size() <= detail_bytes_max) {
        return text;
    }
    std::size_t end = detail_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
        --end; // not in the middle of a UTF-8 character
    }
    return text.substr(0, end);
}

} // namespace

std::string without_values(std::string_view text) {
    std::string kept;
    char quote = 0;
    std::string word;
    const auto end_word = [&] {
        kept += std::ranges::any_of(word, is_digit) ? "..." : word;
        word.clear();
    };
    for (const char one : text) {
        if (quote != 0) {
            quote = one == quote ? '\0' : quote;
            continue;
        }
        if (one == '"' || one == '`' || (one == '\'' && word.empty())) {
            quote = one;
            end_word();
            kept += "...";
        } else if (one == ' ' || one == '\n' || one == '\t' || static_cast<unsigned char>(one) < 0x20) {
            end_word();
            kept += ' ';
        } else {
            word += one;
        }
    }
    end_word();
    return kept;
}

peer_answer read_answer(const http_answer& answer, std::size_t entries_sent, store::utc_time now) {
    peer_answer read;
    read.status = answer.status;
    read.failure = answer.failure;
    read.retry_after = parse_retry_after(answer.retry_after, std::chrono::floor<std::chrono::seconds>(now));
    const auto parsed = json::parse(answer.body);
    if (!parsed.document) {
        return read;
    }
    read.confirmed = is_confirmed(*parsed.document, entries_sent);
    if (const auto current = mapping::feed::read_conflict(*parsed.document)) {
        read.current_version = current->version;
        read.current_hash = current->hash;
    }
    if ((*parsed.document)["resourceType"].text() == "OperationOutcome") {
        read.detail = text_of(*parsed.document);
    }
    return read;
}

} // namespace auditgate::gateway::delivery
