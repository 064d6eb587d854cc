#include "gateway/config/configuration.hpp"

#include "gateway/config/folders.hpp"
#include "gateway/security/crypto.hpp"
#include "mapping/definition/load.hpp"
#include "mapping/feed/coverage.hpp"
#include "mapping/read/civil_time.hpp"
#include "mapping/release/coarsen.hpp"
#include "mapping/terminology/load.hpp"
#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace auditgate::gateway {

namespace yaml = mapping::yaml;

namespace {

std::optional<std::string> content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

class configuration_loader {
public:
    configuration_loader(const gateway_config& from, const security::key_ring* keys)
        : from_(from), keys_(keys) {}

    configuration_load load() {
        auto compiled = std::make_shared<pipeline::setup>();
        check_needed_files();
        load_calendar(*compiled);
        load_definitions(*compiled);
        load_profiles(*compiled);
        load_destinations(*compiled);
        load_layouts();
        check_feeds(*compiled);
        check_directories();
        compiled->revision = revision();
        configuration_load result;
        if (problems_.empty())
            result.loaded = configuration{from_, std::move(compiled), std::move(layouts_)};
        result.problems = std::move(problems_);
        return result;
    }

private:
    void add_problem(const std::filesystem::path& file, std::string text) {
        problems_.push_back({file.string(), 0, 0, std::move(text)});
    }

    // In gateway.yaml.
    void add_problem(yaml::position where, std::string text) {
        problems_.push_back({from_.file.string(), where.line, where.column, std::move(text)});
    }

    void take(std::vector<yaml::problem>&& found) {
        std::move(found.begin(), found.end(), std::back_inserter(problems_));
    }

    void load_calendar(pipeline::setup& to) {
        const std::optional<mapping::civil_time> zone = mapping::civil_time::in_zone(from_.time_zone);
        if (!zone) {
            add_problem(from_.time_zone_at, "there is no time zone `" + from_.time_zone +
                                                "`: use a name of the IANA database such as Europe/London");
            return;
        }
        to.local_date = [zone = *zone](store::utc_time at) {
            return zone.from_instant(at, mapping::time_precision::second).date();
        };
    }

    void load_definitions(pipeline::setup& to) {
        if (is_missing(from_.terminology_folder / "terminology.yaml"))
            return;
        mapping::terminology_load codes = mapping::load_terminology(from_.terminology_folder);
        take(std::move(codes.problems));
        if (!codes.loaded)
            return;
        codes_ = codes.loaded;
        const mapping::definition_settings settings = definition_settings(*codes.loaded, to);
        for (const std::filesystem::path& file : from_.datasets) {
            if (is_missing(file))
                continue;
            mapping::definition_load read = mapping::load_definition(file, codes.loaded, settings);
            take(std::move(read.problems));
            if (read.loaded)
                to.definitions.push_back(std::move(read.loaded));
        }
    }

    // What gateway.yaml says wrongly is told there, once, and not again in every definition.
    mapping::definition_settings definition_settings(const mapping::terminology& codes,
                                                     const pipeline::setup& in) {
        mapping::definition_settings settings{from_.ome_table, from_.time_zone, from_.allow_test_numbers};
        if (!in.local_date)
            settings.time_zone = "UTC";
        const std::vector<std::string> tables = codes.ome_table_ids();
        if (!tables.empty() && codes.find_ome_table(from_.ome_table) == nullptr) {
            const std::vector<std::string_view> known(tables.begin(), tables.end());
            add_problem(from_.ome_table_at, "the terminology has no opioid table `" + from_.ome_table + '`' +
                                                yaml::suggestion(from_.ome_table, known));
            settings.ome_table = tables.front();
        }
        return settings;
    }

    void load_profiles(pipeline::setup& to) {
        to.default_profile.time_zone = from_.time_zone;
        for (const source_config& source : from_.sources) {
            if (!source.profile) {
                to.profiles.emplace(source.name, to.default_profile);
                continue;
            }
            if (is_missing(*source.profile))
                continue;
            mapping::source_profile_load read =
                mapping::load_source_profile(*source.profile, to.default_profile);
            take(std::move(read.problems));
            if (read.profile)
                check_systems(*source.profile, *read.profile);
            if (read.profile)
                to.profiles.emplace(source.name, std::move(*read.profile));
        }
    }

    // A misspelt code system would stop nothing: the codes of a table would mean nothing to anybody.
    void check_systems(const std::filesystem::path& file, const mapping::source_profile& profile) {
        if (profile.table == nullptr || codes_ == nullptr)
            return;
        const std::vector<std::string> known = codes_->code_system_names();
        const std::vector<std::string_view> names(known.begin(), known.end());
        for (const mapping::named_system& one : profile.table->systems_used)
            if (codes_->find_code_system(one.name) == nullptr)
                problems_.push_back({file.string(), one.where.line, one.where.column,
                                     "no file of the terminology knows the code system `" + one.name + "`" +
                                         yaml::suggestion(mapping::lower_cased(one.name), names)});
    }

    void load_destinations(pipeline::setup& to) {
        for (const destination_config& one : from_.destinations) {
            if (!one.dataset.empty() && !has_dataset(to, one.dataset))
                add_problem(one.dataset_at, "no file in `datasets` is of dataset `" + one.dataset + '`' +
                                                nearest_dataset(to, one.dataset));
            check_coarsening(one, to);
            const std::optional<security::secret_key> root = destination_root(one);
            if (!root)
                continue;
            const security::secret_key record = security::derive_key(*root, "record");
            const security::secret_key pseudonym = security::derive_key(*root, "pseudonym");
            pipeline::destination made;
            made.name = one.name;
            made.dataset = one.dataset;
            made.settings = one.settings;
            made.keys.record_key = record.expose();
            made.keys.pseudonym_key = pseudonym.expose();
            to.destinations.push_back(std::move(made));
        }
    }

    void check_coarsening(const destination_config& of, const pipeline::setup& in) {
        if (in.definitions.size() != from_.datasets.size())
            return; // see has_dataset()
        yaml::problem_sink problems(from_.file.string(), problems_);
        std::vector<std::shared_ptr<const mapping::compiled_definition>> sent;
        for (const auto& definition : in.definitions)
            if (of.dataset.empty() || of.dataset == definition->dataset)
                sent.push_back(definition);
        mapping::check_coarsening(of.settings, sent, problems);
    }

    // With a definition file that does not load there is no telling, and that is told already.
    [[nodiscard]] bool has_dataset(const pipeline::setup& in, const std::string& dataset) const {
        if (in.definitions.size() != from_.datasets.size())
            return true;
        return std::any_of(in.definitions.begin(), in.definitions.end(),
                           [&](const auto& one) { return one->dataset == dataset; });
    }

    static std::string nearest_dataset(const pipeline::setup& in, const std::string& dataset) {
        std::vector<std::string_view> known;
        for (const auto& definition : in.definitions)
            known.push_back(definition->dataset);
        return yaml::suggestion(dataset, known);
    }

    std::optional<security::secret_key> destination_root(const destination_config& of) {
        if (!of.key_file) {
            if (keys_ == nullptr) // only checked
                return security::secret_key::random();
            return keys_->destination_key(of.name + '|' + of.settings.key_id);
        }
        std::optional<std::string> text = content_of(*of.key_file);
        if (!text) {
            if (!is_missing(*of.key_file)) // gone since check_needed_files()
                add_problem(*of.key_file, "the key file of destination `" + of.name + "` cannot be read");
            return std::nullopt;
        }
        while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
            text->pop_back();
        std::string bytes = security::from_hex(*text);
        security::wipe(*text);
        if (bytes.size() != security::secret_key::size) {
            add_problem(*of.key_file,
                        "a key file holds 64 hexadecimal digits and nothing else; this one is of "
                        "destination `" +
                            of.name + '`');
            return std::nullopt;
        }
        security::secret_key root = security::secret_key::from_bytes(bytes);
        security::wipe(bytes);
        return root;
    }

    void load_layouts() {
        for (const std::filesystem::path& file : from_.feeds) {
            if (is_missing(file))
                continue;
            if (auto layout = mapping::feed::load_layout(file, problems_))
                layouts_.push_back(std::move(*layout));
        }
    }

    // With a layout that does not load there is no telling, and that is told already.
    void check_feeds(const pipeline::setup& in) {
        if (layouts_.size() != from_.feeds.size())
            return;
        for (const auto& definition : in.definitions) {
            const bool sent = std::any_of(from_.destinations.begin(), from_.destinations.end(),
                                          [&](const destination_config& to) {
                                              return to.dataset.empty() || to.dataset == definition->dataset;
                                          });
            if (!sent)
                continue;
            if (const auto* layout =
                    mapping::feed::find_layout(layouts_, definition->dataset, definition->version)) {
                for (std::string& text : mapping::feed::missing_places(*layout, *definition))
                    add_problem(from_.feeds[static_cast<std::size_t>(layout - layouts_.data())],
                                std::move(text));
                continue;
            }
            std::string text = "no file in `feeds` is a layout of dataset `" + definition->dataset +
                               "` version " + definition->version + ": none of its records could be sent";
            for (const mapping::feed::layout& other : layouts_)
                if (other.dataset == definition->dataset)
                    for (const std::string& version : other.dataset_versions)
                        text += "; there is one of version " + version;
            add_problem(from_.feeds_at, std::move(text));
        }
    }

    void check_needed_files() {
        constexpr std::string_view blank = " \t\r\n";
        for (const needed_file& one : from_.needed_files) {
            std::optional<std::string> text = content_of(one.file);
            const std::string named = "`" + one.key + "`: " + one.file.string();
            if (!text) {
                missing_.insert(one.file);
                add_problem(one.where, named + " cannot be read" + nearest_file(one.file));
            } else if (one.holds == needed_file::content::pem &&
                       text->find("-----BEGIN ") == std::string::npos)
                add_problem(one.where, named + " holds no PEM text (-----BEGIN ...)");
            else if (one.holds == needed_file::content::token &&
                     text->find_first_not_of(blank) == std::string::npos)
                add_problem(one.where, named + " is empty; it holds the word that the registry knows us by");
            if (text)
                security::wipe(*text);
        }
    }

    void check_directories() {
        for (const directory_config& one : from_.directories) {
            std::error_code failure;
            if (!std::filesystem::is_directory(one.path, failure))
                add_problem(one.where, "directory `" + one.name + "`: there is no folder " +
                                           one.path.string() + "; make it for the gateway's user");
        }
    }

    [[nodiscard]] bool is_missing(const std::filesystem::path& file) const { return missing_.contains(file); }

    // The name of a file beside the one that is not there, when a slip of the pen leads to it.
    static std::string nearest_file(const std::filesystem::path& file) {
        std::vector<std::string> names;
        std::error_code ignored;
        if (!std::filesystem::exists(file.parent_path(), ignored) && file.has_relative_path())
            return nearest_file(file.parent_path());
        for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), ignored))
            names.push_back(entry.path().filename().string());
        const std::vector<std::string_view> known(names.begin(), names.end());
        return yaml::suggestion(file.filename().string(), known);
    }

    // Whatever can change a case, a record or its coarsening is in one of these files, or in the program.
    [[nodiscard]] std::string revision() const {
        std::vector<std::filesystem::path> files{from_.file};
        files.insert(files.end(), from_.datasets.begin(), from_.datasets.end());
        for (const source_config& source : from_.sources)
            if (source.profile)
                files.push_back(*source.profile);
        for (const destination_config& destination : from_.destinations)
            if (destination.key_file)
                files.push_back(*destination.key_file);
        std::error_code ignored;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(from_.terminology_folder, ignored))
            if (entry.is_regular_file())
                files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        std::string digests = AUDITGATE_VERSION "|";
        for (const std::filesystem::path& file : files)
            digests += security::sha256(content_of(file).value_or(""));
        return security::to_hex(security::sha256(digests)).substr(0, 16);
    }

    const gateway_config& from_;
    const security::key_ring* keys_;
    std::vector<yaml::problem> problems_;
    std::set<std::filesystem::path> missing_; // of what gateway.yaml names; told there
    std::vector<mapping::feed::layout> layouts_;
    std::shared_ptr<const mapping::terminology> codes_; // none: they do not load, which is told already
};

} // namespace

configuration_load load_configuration(const gateway_config& settings, const security::key_ring& keys) {
    return configuration_loader(settings, &keys).load();
}

configuration_load check_configuration(const std::filesystem::path& gateway_file) {
    gateway_config_load settings = load_gateway_config(gateway_file);
    if (!settings.loaded)
        return {std::nullopt, std::move(settings.problems)};
    configuration_load checked = configuration_loader(*settings.loaded, nullptr).load();
    check_folders(*settings.loaded, checked.problems);
    if (!checked.problems.empty())
        checked.loaded.reset();
    return checked;
}

} // namespace auditgate::gateway
