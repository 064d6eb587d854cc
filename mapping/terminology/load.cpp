#include "mapping/terminology/load.hpp"

#include "mapping/terminology/files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace auditgate::mapping {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view index_file = "terminology.yaml";
constexpr std::uintmax_t file_bytes_max = 16UL << 20;

using csv_reader = void (*)(std::string_view, terminology_builder&, yaml::problem_sink&);

class folder_reader {
public:
    folder_reader(fs::path folder, std::vector<yaml::problem>& problems)
        : folder_(std::move(folder)), problems_(problems),
          index_problems_((folder_ / index_file).string(), problems) {}

    void read() {
        const std::optional<yaml::node> index = yaml::load(folder_ / index_file, index_problems_);
        if (!index) {
            return;
        }
        yaml::map_reader keys(*index, "the index of a terminology", index_problems_);
        builder_.set_version(keys.text("terminology_version"));
        read_list(keys, "code_systems", read_code_systems); // first: other files name code systems
        read_list(keys, "value_sets", read_value_sets);
        read_list(keys, "concept_maps", read_concept_maps);
        read_list(keys, "sites", read_sites);
        read_list(keys, "units", read_units);
        read_list(keys, "wear_times", read_wear_times);
        for (const yaml::entry& table : keys.map("ome_tables")) {
            read_file(table.value, "ome_tables", [&](std::string_view text, yaml::problem_sink& problems) {
                read_ome_table(table.key, text, builder_, problems);
            });
        }
        keys.finish();
        for (yaml::problem& contradiction : builder_.contradictions()) {
            problems_.push_back(std::move(contradiction));
        }
        report_forgotten_files();
    }

    [[nodiscard]] std::shared_ptr<const terminology> build() { return builder_.build(); }

private:
    void read_list(yaml::map_reader& keys, std::string_view key, csv_reader reader) {
        for (const yaml::node& item : keys.list(key)) {
            read_file(item, key, [&](std::string_view text, yaml::problem_sink& problems) {
                if (item.text.ends_with(".json")) {
                    read_fhir_resource(text, builder_, problems);
                } else {
                    reader(text, builder_, problems);
                }
            });
        }
    }

    template <class Read>
    void read_file(const yaml::node& item, std::string_view key, Read read) {
        const std::optional<std::string> name = yaml::read_text(item, key, index_problems_);
        if (!name) {
            return;
        }
        const fs::path file = folder_ / *name;
        if (!named_.insert(file.lexically_normal()).second) {
            index_problems_.add(item.where, "`" + *name + "` is named twice");
            return;
        }
        std::error_code failure;
        const std::uintmax_t bytes = fs::file_size(file, failure);
        std::ifstream stream(file, std::ios::binary);
        if (failure || !stream) {
            index_problems_.add(item.where, "`" + *name + "` cannot be opened" + nearest_file(*name));
            return;
        }
        if (bytes > file_bytes_max) {
            index_problems_.add(item.where, "`" + *name + "` is larger than 16 MiB");
            return;
        }
        const std::string text{std::istreambuf_iterator<char>(stream), {}};
        yaml::problem_sink problems(file.string(), problems_);
        read(text, problems);
    }

    [[nodiscard]] std::set<fs::path> files_not_named() const {
        std::error_code failure;
        std::set<fs::path> found;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_, failure)) {
            const fs::path extension = entry.path().extension();
            if ((extension == ".csv" || extension == ".json") &&
                !named_.contains(entry.path().lexically_normal())) {
                found.insert(entry.path());
            }
        }
        return found;
    }

    [[nodiscard]] std::string nearest_file(const std::string& name) const {
        std::vector<std::string> names;
        for (const fs::path& file : files_not_named()) {
            names.push_back(file.lexically_relative(folder_).string());
        }
        const std::vector<std::string_view> known(names.begin(), names.end());
        return yaml::suggestion(name, known);
    }

    void report_forgotten_files() {
        for (const fs::path& file : files_not_named()) {
            yaml::problem_sink(file.string(), problems_)
                .add_whole_file("does not count, for " + std::string(index_file) + " does not name it");
        }
    }

    fs::path folder_;
    std::vector<yaml::problem>& problems_;
    yaml::problem_sink index_problems_;
    terminology_builder builder_;
    std::set<fs::path> named_;
};

} // namespace

terminology_load load_terminology(const std::filesystem::path& folder) {
    terminology_load result;
    folder_reader reader(folder, result.problems);
    reader.read();
    if (result.problems.empty()) {
        result.loaded = reader.build();
    }
    std::ranges::stable_sort(result.problems, {},
                             [](const yaml::problem& one) { return std::pair(one.file, one.line); });
    return result;
}

} // namespace auditgate::mapping
