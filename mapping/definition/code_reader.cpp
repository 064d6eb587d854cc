#include "mapping/definition/code_reader.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

constexpr std::string_view value_set_prefix = "value-set:";

std::vector<std::string_view> views(const std::vector<std::string>& names) {
    return {names.begin(), names.end()};
}

} // namespace

void code_reader::define_sets(std::span<const yaml::entry> sets) {
    for (const yaml::entry& one : sets)
        named_.insert_or_assign(one.key, read(one.value));
}

code_set code_reader::read(const yaml::node& from) {
    code_set result;
    if (from.kind == yaml::node_kind::scalar) {
        add_scalar(from, result);
    } else if (from.kind == yaml::node_kind::sequence) {
        for (const yaml::node& one : from.items)
            result.add(read(one));
    } else {
        problems_.add(from.where,
                      "a list of codes is expected: SYSTEM|CODE, value-set:<id> or the name of a code set");
    }
    return result;
}

code_set code_reader::read(yaml::map_reader& from, std::string_view key) {
    const yaml::node* value = from.required_child(key);
    return value == nullptr ? code_set{} : read(*value);
}

code_set code_reader::read_or_none(yaml::map_reader& from, std::string_view key) {
    const yaml::node* value = from.child(key);
    return value == nullptr ? code_set{} : read(*value);
}

std::vector<coded_word> code_reader::read_words(std::span<const yaml::entry> words) {
    std::vector<coded_word> result;
    for (const yaml::entry& one : words)
        result.push_back({one.key, read(one.value)});
    return result;
}

void code_reader::add_scalar(const yaml::node& from, code_set& to) {
    const std::string_view text = from.text;
    if (text.starts_with(value_set_prefix)) {
        const std::string_view id = text.substr(value_set_prefix.size());
        if (const value_set* set = codes_.find_value_set(id)) {
            to.add(set);
            to.add_written(from.text);
            return;
        }
        const std::vector<std::string> known = codes_.value_set_ids();
        problems_.add(from.where,
                      "no value set `" + std::string(id) + '`' + yaml::suggestion(id, views(known)));
        return;
    }
    const std::size_t bar = text.find('|');
    if (bar == std::string_view::npos) {
        if (const auto found = named_.find(text); found != named_.end()) {
            to.add(found->second);
            return;
        }
        std::vector<std::string_view> known;
        for (const auto& [name, set] : named_)
            known.push_back(name);
        problems_.add(from.where, "no code set `" + from.text + '`' + yaml::suggestion(text, known));
        return;
    }
    const std::string_view system_name = text.substr(0, bar);
    const code_system* system = codes_.find_code_system(system_name);
    if (system == nullptr && !system_name.empty()) {
        const std::vector<std::string> known = codes_.code_system_names();
        problems_.add(from.where, "no code system `" + std::string(system_name) + '`' +
                                      yaml::suggestion(lower_cased(system_name), views(known)));
        return;
    }
    const auto patterns =
        parse_code_patterns(system == nullptr ? std::string_view() : std::string_view(system->uri),
                            text.substr(bar + 1), system == nullptr ? 0 : system->dot_after);
    if (!patterns) {
        problems_.add(from.where,
                      "`" + from.text + "` is no code: CODE, BEGINNING* or a range A00-B99 of categories");
        return;
    }
    for (const code_pattern& one : *patterns)
        to.add(one);
    to.add_written(from.text);
}

} // namespace auditgate::mapping
