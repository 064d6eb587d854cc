#include "gateway/cli/export.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/registry/export_records.hpp"
#include "gateway/registry/registry_config.hpp"
#include "gateway/registry/registry_store.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>

namespace auditgate::gateway::cli {

namespace {

namespace feed = mapping::feed;

int tell(const error& failure) {
    std::cerr << failure.message << '\n';
    return exit_code_of(failure.code);
}

int tell(const std::vector<mapping::yaml::problem>& problems) {
    for (const mapping::yaml::problem& one : problems) {
        std::cerr << to_string(one) << '\n';
    }
    return exit_configuration;
}

result<const feed::layout*> choose(const std::vector<feed::layout>& layouts, const std::string& dataset) {
    if (dataset.empty() && layouts.size() == 1) {
        return &layouts.front();
    }
    const auto found = std::ranges::find(layouts, dataset, &feed::layout::dataset);
    if (found != layouts.end()) {
        return &*found;
    }
    std::string names;
    for (const feed::layout& one : layouts) {
        names += " " + one.dataset;
    }
    return error{errc::usage, "say which dataset with --dataset:" + names};
}

int copy(const registry::body_source& from, std::ostream& to) {
    while (true) {
        const auto piece = from();
        if (!piece) {
            return tell(piece.error());
        }
        if (!*piece) {
            break;
        }
        to << **piece;
    }
    to.flush();
    if (!to) {
        std::cerr << "the output could not be written\n";
        return exit_store;
    }
    return exit_done;
}

int copy_to_file(const registry::body_source& from, const std::filesystem::path& file) {
    std::filesystem::path part = file;
    part += ".part";
    std::ofstream to(part, std::ios::binary | std::ios::trunc);
    if (!to) {
        std::cerr << part.string() << " cannot be written\n";
        return exit_store;
    }
    std::error_code failed;
    std::filesystem::permissions(
        part, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    int exit = copy(from, to);
    to.close();
    if (exit == exit_done) {
        std::filesystem::rename(part, file, failed);
        if (failed) {
            std::cerr << file.string() << " cannot be written\n";
            exit = exit_store;
        }
    }
    if (exit != exit_done) {
        std::filesystem::remove(part, failed);
    }
    return exit;
}

} // namespace

int run_export(const export_options& options) {
    const auto config = registry::load_registry_config(options.config);
    if (!config.loaded) {
        return tell(config.problems);
    }
    std::vector<mapping::yaml::problem> problems;
    const auto layouts = registry::published_layouts(*config.loaded, problems);
    if (!problems.empty()) {
        return tell(problems);
    }
    const auto places = choose(layouts, options.dataset);
    if (!places) {
        return tell(places.error());
    }
    const auto keys = security::key_ring::open(registry::registry_keys(config.loaded->data_folder));
    if (!keys) {
        return tell(keys.error());
    }
    const auto records =
        registry::registry_store::open(registry::registry_database(config.loaded->data_folder), **keys);
    if (!records) {
        return tell(records.error());
    }
    constexpr std::size_t shown_max = 20;
    std::size_t left = 0;
    const auto left_out = [&left](const std::string& record_key) {
        if (++left <= shown_max) {
            std::cerr << "record " << record_key << " cannot be opened, and is left out\n";
        }
    };
    const registry::body_source source =
        options.format == export_format::ndjson
            ? registry::export_ndjson(**records, (*places)->dataset, left_out)
            : registry::export_csv(**records, **places, left_out);
    const int exit = options.output.empty() ? copy(source, std::cout) : copy_to_file(source, options.output);
    if (left == 0) {
        return exit;
    }
    std::cerr << left
              << (left == 1 ? " record was left out: its key is gone or its row is damaged"
                            : " records were left out: their keys are gone or their rows are damaged")
              << ". Put the folder of keys, or the database, back from a backup\n";
    return exit == exit_done ? exit_findings : exit;
}

} // namespace auditgate::gateway::cli
