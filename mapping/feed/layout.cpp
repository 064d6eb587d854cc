#include "mapping/feed/layout.hpp"

#include <algorithm>

namespace auditgate::mapping::feed {

namespace {

constexpr std::string_view row_mark = "[].";

class layout_reader {
public:
    explicit layout_reader(yaml::problem_sink& problems) : problems_(&problems) {}

    layout read(const yaml::node& file) {
        yaml::map_reader top(file, "a feed layout", *problems_);
        read_.dataset = top.text("dataset");
        read_.dataset_versions = top.texts("dataset_versions");
        if (read_.dataset_versions.empty()) {
            top.problem_at("dataset_versions", "a feed layout needs `dataset_versions`");
        }
        for (const yaml::node& one : top.list("resources")) {
            read_resource(one);
        }
        if (read_.resources.empty() || read_.resources.front().type != "List") {
            top.problem_at("resources", "the first resource must be the List, the head of the record");
        }
        for (const yaml::node& one : top.list("items")) {
            read_item(one);
        }
        if (read_.items.empty()) {
            top.problem_at("items", "a feed layout needs `items`");
        }
        top.finish();
        return std::move(read_);
    }

private:
    void read_resource(const yaml::node& from) {
        yaml::map_reader map(from, "a resource", *problems_);
        resource_template made;
        made.name = map.text("name");
        made.type = map.text("type");
        made.rows = map.text_or("rows", "");
        made.key = map.texts("key");
        made.match = map.choice_or<match_by>(
            "match", {{"identifier", match_by::identifier}, {"tag", match_by::tag}}, match_by::identifier);
        made.part_of = map.text_or("part_of", "");
        if (!made.part_of.empty() && !index_of(made.part_of)) {
            map.problem_at("part_of", no_resource(made.part_of));
        }
        if (made.rows.empty() != made.key.empty()) {
            map.problem_at("rows", "`rows` and `key` go together: the key tells the rows apart");
        }
        if (index_of(made.name)) {
            map.problem_at("name", "there is a resource `" + made.name + "` already");
        }
        map.finish();
        read_.resources.push_back(std::move(made));
    }

    void read_item(const yaml::node& from) {
        yaml::map_reader map(from, "an item", *problems_);
        item_place made;
        name(made, map.text("item"));
        made.type = map.choice<value_type>("type", {{"code", value_type::code},
                                                    {"text", value_type::text},
                                                    {"integer", value_type::integer},
                                                    {"decimal", value_type::decimal},
                                                    {"boolean", value_type::boolean}});
        made.list = map.boolean_or("list", false);
        for (const std::string& resource : map.texts("in")) {
            if (const auto index = index_of(resource)) {
                made.resources.push_back(*index);
            } else {
                map.problem_at("in", no_resource(resource));
            }
        }
        made.kind = map.choice_or<place_kind>("as",
                                              {{"extension", place_kind::extension},
                                               {"component", place_kind::component},
                                               {"coding", place_kind::coding},
                                               {"concepts", place_kind::concepts},
                                               {"element", place_kind::element},
                                               {"identifier", place_kind::identifier},
                                               {"resource-identifier", place_kind::resource_identifier}},
                                              usual_place(made));
        made.element = map.text_or("element", "");
        made.system = map.text_or("system", std::string{code_system_prefix} + made.path);
        made.system_of_digits = map.text_or("system_of_digits", "");
        made.absent = map.text_or("absent", "");
        made.unit = map.text_or("unit", "");
        for (const std::string& code : map.texts("codes")) {
            const std::size_t bar = code.find('|');
            if (bar == std::string::npos) {
                map.problem_at("codes", "a code is written `system|code`");
                continue;
            }
            made.codes.push_back({code.substr(0, bar), code.substr(bar + 1)});
        }
        check(made, map);
        map.finish();
        read_.items.push_back(std::move(made));
    }

    static void name(item_place& item, const std::string& text) {
        const std::size_t mark = text.find(row_mark);
        if (mark == std::string::npos) {
            item.path = text;
            item.local = text;
            return;
        }
        item.rows = text.substr(0, mark);
        item.local = text.substr(mark + row_mark.size());
        item.path = item.rows + "." + item.local;
    }

    place_kind usual_place(const item_place& item) const {
        const bool in_observation =
            !item.resources.empty() && read_.resources[item.resources.front()].type == "Observation";
        return in_observation ? place_kind::component : place_kind::extension;
    }

    void check(const item_place& item, yaml::map_reader& map) const {
        if (map.list("in").empty()) {
            map.problem_at("in", "an item needs a resource to stand in");
        }
        for (const std::size_t index : item.resources) {
            if (read_.resources[index].rows != item.rows) {
                map.problem_at("in", "the item and its resource are not in the same list of rows");
            }
        }
        const bool needs_element = item.kind == place_kind::coding || item.kind == place_kind::concepts ||
                                   item.kind == place_kind::element;
        if (needs_element == item.element.empty()) {
            map.problem_at("element",
                           "`element` belongs to coding, concepts and element, and to nothing else");
        }
        const bool one_value = item.kind == place_kind::element || item.kind == place_kind::identifier ||
                               item.kind == place_kind::resource_identifier;
        if (item.list && one_value) {
            map.problem_at("list", "this place holds one value only");
        }
        if (item.list && !item.absent.empty()) {
            map.problem_at("absent", "a list that is left out is empty");
        }
    }

    std::string no_resource(std::string_view name) const {
        std::vector<std::string_view> known;
        for (const resource_template& one : read_.resources) {
            known.push_back(one.name);
        }
        return "there is no resource `" + std::string(name) + "` above" + yaml::suggestion(name, known);
    }

    std::optional<std::size_t> index_of(std::string_view resource) const {
        const auto found = std::ranges::find(read_.resources, resource, &resource_template::name);
        if (found == read_.resources.end()) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(found - read_.resources.begin());
    }

    yaml::problem_sink* problems_;
    layout read_;
};

} // namespace

std::optional<layout> load_layout(const std::filesystem::path& file, std::vector<yaml::problem>& problems) {
    yaml::problem_sink sink(file.string(), problems);
    const std::size_t before = problems.size();
    const auto tree = yaml::load(file, sink);
    if (!tree) {
        return std::nullopt;
    }
    layout made = layout_reader(sink).read(*tree);
    if (problems.size() > before) {
        return std::nullopt;
    }
    return made;
}

std::vector<layout> load_layouts(const std::filesystem::path& folder, std::vector<yaml::problem>& problems) {
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    if (failed) {
        yaml::problem_sink(folder.string(), problems)
            .add_whole_file("the folder of feed layouts cannot be read");
    }
    std::ranges::sort(files);
    std::vector<layout> all;
    for (const std::filesystem::path& file : files) {
        if (auto made = load_layout(file, problems)) {
            all.push_back(*std::move(made));
        }
    }
    return all;
}

const layout* find_layout(std::span<const layout> all, std::string_view dataset,
                          std::string_view dataset_version) {
    const auto found = std::ranges::find_if(all, [&](const layout& one) {
        return one.dataset == dataset &&
               std::ranges::find(one.dataset_versions, dataset_version) != one.dataset_versions.end();
    });
    return found == all.end() ? nullptr : &*found;
}

} // namespace auditgate::mapping::feed
