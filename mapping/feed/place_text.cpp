#include "mapping/feed/place_text.hpp"

#include <array>

namespace auditgate::mapping::feed {

std::string type_text(const item_place& item) {
    constexpr std::array<const char*, 5> names{"code", "text", "integer", "decimal", "boolean"};
    const std::string name = names.at(static_cast<std::size_t>(item.type));
    return item.list ? "set of " + name + "s" : name;
}

std::string slots_text(const layout& places, const item_place& item) {
    std::string slots;
    for (const std::size_t index : item.resources) {
        const resource_template& of = places.resources[index];
        slots += (slots.empty() ? "`" : ", `") + of.name;
        for (const std::string& key : of.key) {
            slots += ".<" + key + ">";
        }
        slots += "`";
    }
    return slots;
}

std::string place_text(const layout& places, const item_place& item) {
    const std::string& type = places.resources[item.resources.front()].type;
    const bool own_system = item.system != std::string{code_system_prefix} + item.path;
    const std::string system = own_system ? ", system `" + item.system + "`" : "";
    const std::string digits =
        item.system_of_digits.empty() ? "" : ", codes of digits only `" + item.system_of_digits + "`";
    switch (item.kind) {
    case place_kind::extension:
        return type + ".extension `" + std::string{extension_prefix} + item.path + "`";
    case place_kind::component:
        return type + ".component, code `" + item.path + "`" +
               (item.unit.empty() ? "" : ", unit `" + item.unit + "`");
    case place_kind::coding:
        return type + "." + item.element + ".coding" + system + digits;
    case place_kind::concepts:
        return type + "." + item.element + ", one for each value" + system;
    case place_kind::element:
        return type + "." + item.element;
    case place_kind::identifier:
        return type + ".identifier" + system;
    case place_kind::resource_identifier:
        return type + ".identifier, system `" + std::string{record_system} + "`";
    }
    return {};
}

} // namespace auditgate::mapping::feed
