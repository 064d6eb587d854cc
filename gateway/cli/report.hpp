#pragma once

#include "gateway/cli/installation.hpp"

#include <filesystem>
#include <string>

namespace auditgate::gateway::cli {

enum class report_form { text, csv, json };

struct report_options {
    std::filesystem::path config = default_config_file;
    std::filesystem::path
        records; // NDJSON of `auditgate export`, "-": standard input; empty: this gateway's store
    std::filesystem::path definitions = "config"; // with `records`: folder with datasets/ and terminology/
    std::string dataset;                          // needed when there are several
    std::string as_of;                            // 2026-03-31; empty: today
    report_form form = report_form::text;
    std::filesystem::path html; // file to write instead of text
    bool for_export = false;    // suppressed
    bool exact = false;         // of `records`, which are suppressed unless this is asked for
};

// What the cases of an audit say, counted: of the gateway's own store, also beside a running gateway, or of a registry's
// records. 0: done; 1: there is no case, or records did not fit the definition and are not counted; 2: usage;
// 3: configuration; 4: the store or a file cannot be read or written.
[[nodiscard]] int run_report(const report_options& options);

} // namespace auditgate::gateway::cli
