// Reading and writing JSON text: the only file of the project that sees RapidJSON 1.1. Its traps that are met
// here: duplicate keys and lone low surrogates are accepted, a NUL byte is taken for the end, and the
// recursive parser has no limit of depth.
#include "fhir/json.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cassert>
#include <unordered_set>

namespace auditgate::fhir::json {

namespace {

constexpr std::size_t few_members_max =
    16; // up to here a scan for a duplicate name is cheaper than a hash set

// Only what is surely an element's name may stand in a path; anything else could be a patient's data.
std::string_view printable_name(std::string_view name) {
    const bool plain =
        name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    return plain ? name : std::string_view("?");
}

// RapidJSON turns the escape of a lone low surrogate into three bytes ED A0..BF xx, which are not UTF-8.
bool holds_surrogate(std::string_view text) {
    for (std::size_t i = text.find('\xED'); i != std::string_view::npos; i = text.find('\xED', i + 1)) {
        if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xA0) {
            return true;
        }
    }
    return false;
}

} // namespace

// Takes the reader's events and builds the tree on an explicit stack.
class tree_builder {
public:
    explicit tree_builder(const parse_limits& limits) : limits_(limits) {}

    bool Null() { return add(value()); }
    bool Bool(bool content) { return add(value(content)); }
    bool RawNumber(const char* text, unsigned length, bool /*copy*/) {
        return add(value(number{std::string(text, length)}));
    }
    bool String(const char* text, unsigned length, bool /*copy*/) {
        const std::string_view content(text, length);
        return is_clean(content) && add(value(content));
    }
    bool StartObject() { return open(value::object()); }
    bool StartArray() { return open(value::array()); }
    bool EndObject(unsigned /*count*/) { return close(); }
    bool EndArray(unsigned /*count*/) { return close(); }
    bool Key(const char* text, unsigned length, bool /*copy*/) {
        frame& current = stack_.back();
        current.key.assign(text, length);
        return is_clean(current.key) && is_new_name(current);
    }
    // Numbers come as text (kParseNumbersAsStringsFlag); the reader's interface wants these as well.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    [[nodiscard]] const std::string& failure_code() const { return failure_code_; }
    [[nodiscard]] value take() { return std::move(root_); }

    // Where the reader stands: "Bundle.entry[3].resource".
    [[nodiscard]] std::string path() const {
        std::string result;
        for (const frame& each : stack_) {
            if (each.container.is_array()) {
                result += "[" + std::to_string(each.container.size()) + "]";
                continue;
            }
            if (result.empty()) {
                result = printable_name(each.container["resourceType"].text());
            }
            if (!each.key.empty()) {
                result += (result.empty() ? "" : ".") + std::string(printable_name(each.key));
            }
        }
        return result;
    }

private:
    struct frame {
        value container;
        std::string key; // of the member that is being read
        std::unordered_set<std::string> names{};
    };

    bool fail(std::string code) {
        failure_code_ = std::move(code);
        return false;
    }

    bool is_clean(std::string_view content) {
        if (content.find('\0') != std::string_view::npos) {
            return fail("null-character");
        }
        return !holds_surrogate(content) || fail("invalid-encoding");
    }

    bool is_new_name(frame& current) {
        const auto members = current.container.members();
        if (members.size() < few_members_max) {
            return current.container.find(current.key) == nullptr || fail("duplicate-key");
        }
        if (current.names.empty()) {
            for (const member& each : members) {
                current.names.insert(each.name);
            }
        }
        return current.names.insert(current.key).second || fail("duplicate-key");
    }

    bool add(value content) {
        if (++values_ > limits_.values_max) {
            return fail("too-many-values");
        }
        attach(std::move(content));
        return true;
    }

    void attach(value content) {
        if (stack_.empty()) {
            root_ = std::move(content);
            return;
        }
        frame& current = stack_.back();
        if (auto* items = std::get_if<value::items_type>(&current.container.content_)) {
            items->push_back(std::move(content));
        } else {
            auto& members = std::get<value::members_type>(current.container.content_);
            members.push_back({std::move(current.key), std::move(content)});
            current.key.clear();
        }
    }

    bool open(value container) {
        if (stack_.size() >= limits_.depth_max) {
            return fail("too-deep");
        }
        if (++values_ > limits_.values_max) {
            return fail("too-many-values");
        }
        stack_.push_back({std::move(container), {}});
        return true;
    }

    bool close() {
        value finished = std::move(stack_.back().container);
        stack_.pop_back();
        attach(std::move(finished));
        return true;
    }

    const parse_limits& limits_;
    std::vector<frame> stack_;
    value root_;
    std::size_t values_ = 0;
    std::string failure_code_;
};

namespace {

std::string_view explanation(std::string_view code) {
    if (code == "duplicate-key") {
        return "an object has two members of this name";
    }
    if (code == "invalid-encoding") {
        return "the text is not valid UTF-8, or holds half of a surrogate pair";
    }
    if (code == "null-character") {
        return "the text holds a character U+0000";
    }
    if (code == "too-deep") {
        return "arrays and objects lie deeper inside each other than is allowed";
    }
    if (code == "too-many-values") {
        return "the document has more values than are allowed";
    }
    if (code == "too-large") {
        return "the document has more bytes than are allowed";
    }
    return "the document is not JSON";
}

parse_result refused(std::string code, std::string path, std::size_t offset, std::string_view text) {
    parse_result result;
    result.findings.push_back({std::move(code), severity::fatal, std::move(path), offset, std::string(text)});
    return result;
}

parse_result refused(const std::string& code, std::size_t offset) {
    return refused(code, "", offset, explanation(code));
}

std::string code_of(rapidjson::ParseErrorCode error) {
    switch (error) {
    case rapidjson::kParseErrorStringInvalidEncoding:
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
        return "invalid-encoding";
    case rapidjson::kParseErrorNumberTooBig:
        return "number-too-big";
    default:
        return "invalid-json";
    }
}

template <class writer_type>
void write_value(writer_type& writer, const value& content, bool sorted);

template <class writer_type>
void write_members(writer_type& writer, const value& object, bool sorted) {
    std::vector<const member*> members;
    members.reserve(object.size());
    for (const member& each : object.members()) {
        members.push_back(&each);
    }
    if (sorted) {
        std::sort(members.begin(), members.end(),
                  [](const member* left, const member* right) { return left->name < right->name; });
    }
    writer.StartObject();
    for (const member* each : members) {
        writer.Key(each->name.data(), static_cast<unsigned>(each->name.size()));
        write_value(writer, each->content, sorted);
    }
    writer.EndObject();
}

template <class writer_type>
void write_value(writer_type& writer, const value& content, bool sorted) {
    const std::string_view text = content.text();
    switch (content.kind()) {
    case kind::null:
        writer.Null();
        break;
    case kind::boolean:
        writer.Bool(content.as_bool().value_or(false));
        break;
    case kind::number:
        writer.RawValue(text.data(), text.size(), rapidjson::kNumberType);
        break;
    case kind::string:
        writer.String(text.data(), static_cast<unsigned>(text.size()));
        break;
    case kind::array:
        writer.StartArray();
        for (const value& each : content.items()) {
            write_value(writer, each, sorted);
        }
        writer.EndArray();
        break;
    case kind::object:
        write_members(writer, content, sorted);
        break;
    }
}

} // namespace

parse_result parse(std::string_view document, const parse_limits& limits) {
    if (document.size() > limits.document_bytes_max) {
        return refused("too-large", 0);
    }
    if (const std::size_t null_at = document.find('\0'); null_at != std::string_view::npos) {
        return refused("null-character", null_at);
    }
    rapidjson::MemoryStream stream(document.data(), document.size());
    tree_builder builder(limits);
    rapidjson::Reader reader;
    constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                               rapidjson::kParseNumbersAsStringsFlag;
    const rapidjson::ParseResult outcome = reader.Parse<flags>(stream, builder);
    if (!outcome.IsError()) {
        return {builder.take(), {}};
    }
    if (!builder.failure_code().empty()) {
        return refused(builder.failure_code(), builder.path(), outcome.Offset(),
                       explanation(builder.failure_code()));
    }
    return refused(code_of(outcome.Code()), builder.path(), outcome.Offset(),
                   rapidjson::GetParseError_En(outcome.Code()));
}

std::string write(const value& document, layout form) {
    rapidjson::StringBuffer buffer;
    if (form == layout::pretty) {
        rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
        writer.SetIndent(' ', 2);
        write_value(writer, document, false);
    } else {
        rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
        write_value(writer, document, false);
    }
    return {buffer.GetString(), buffer.GetSize()};
}

std::string write_canonical(const value& document) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    write_value(writer, document, true);
    return {buffer.GetString(), buffer.GetSize()};
}

} // namespace auditgate::fhir::json
