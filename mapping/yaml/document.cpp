#include "mapping/yaml/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace auditgate::mapping::yaml {
namespace {

// Stops yaml-cpp in the middle of a document; the reason is already in the problems.
struct stop_parsing {};

position position_of(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

// Builds the tree from yaml-cpp's events, which (unlike its own tree) keep the place of keys and doubled
// keys.
class tree_builder : public YAML::EventHandler {
public:
    tree_builder(problem_sink& problems, const limits& within) : problems_(problems), limits_(within) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (root_)
            refuse(mark, "a second document (`---`) in one file is not supported");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        take(scalar_node(mark, node_kind::null, "", false));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(mark, "an alias (`*name`) is not supported: write the value out");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        take(scalar_node(mark, node_kind::scalar, value, tag == "!"));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, anchor, node_kind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, anchor, node_kind::map);
    }
    void OnMapEnd() override { close(); }

    [[nodiscard]] std::optional<node> take_root() { return std::move(root_); }

private:
    struct open_node {
        node value;
        std::optional<entry> waiting; // a key of a map whose value has not come yet
    };

    [[noreturn]] void refuse(const YAML::Mark& mark, std::string text) {
        refuse(position_of(mark), std::move(text));
    }
    [[noreturn]] void refuse(position where, std::string text) {
        problems_.add(where, std::move(text));
        throw stop_parsing{};
    }
    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0)
            refuse(mark, "an anchor (`&name`) is not supported: write the value out where it is needed");
    }

    node scalar_node(const YAML::Mark& mark, node_kind kind, std::string text, bool quoted) {
        node made;
        made.kind = kind;
        made.where = position_of(mark);
        made.text = std::move(text);
        made.quoted = quoted;
        return made;
    }

    void open(const YAML::Mark& mark, YAML::anchor_t anchor, node_kind kind) {
        refuse_anchor(mark, anchor);
        if (!stack_.empty() && stack_.back().value.kind == node_kind::map && !stack_.back().waiting)
            refuse(mark, "a key must be a plain word, not a list or a map");
        if (stack_.size() >= static_cast<std::size_t>(limits_.depth_max))
            refuse(mark, "nested more than " + std::to_string(limits_.depth_max) + " levels deep");
        open_node opened;
        opened.value.kind = kind;
        opened.value.where = position_of(mark);
        stack_.push_back(std::move(opened));
    }

    void close() {
        node finished = std::move(stack_.back().value);
        stack_.pop_back();
        take(std::move(finished));
    }

    void take(node one) {
        if (++nodes_ > limits_.nodes_max)
            refuse(one.where, "more than " + std::to_string(limits_.nodes_max) + " values in one file");
        if (stack_.empty()) {
            root_ = std::move(one);
            return;
        }
        open_node& parent = stack_.back();
        if (parent.value.kind == node_kind::sequence) {
            parent.value.items.push_back(std::move(one));
        } else if (parent.waiting) {
            parent.waiting->value = std::move(one);
            parent.value.entries.push_back(std::move(*parent.waiting));
            parent.waiting.reset();
        } else {
            take_key(parent, one);
        }
    }

    void take_key(open_node& parent, const node& key) {
        if (key.kind == node_kind::null)
            refuse(key.where, "a key must be a plain word; put null and ~ in quotes");
        const auto same = [&](const entry& one) { return one.key == key.text; };
        const auto earlier = std::ranges::find_if(parent.value.entries, same);
        if (earlier != parent.value.entries.end())
            problems_.add(key.where, "key `" + key.text + "` is here a second time; the first is at line " +
                                         std::to_string(earlier->where.line));
        parent.waiting = entry{key.text, key.where, {}};
    }

    problem_sink& problems_;
    const limits& limits_;
    std::vector<open_node> stack_;
    std::optional<node> root_;
    std::size_t nodes_ = 0;
};

// A tab in the indentation of one of the first `lines` lines, which YAML does not allow and which cannot be seen.
std::optional<position> tab_in_indentation(std::string_view text, int lines) {
    for (position where; where.line <= lines && !text.empty(); ++where.line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const std::size_t indented = std::min(line.find_first_not_of(" \t"), line.size());
        if (const std::size_t tab = line.substr(0, indented).find('\t');
            tab != std::string_view::npos && indented < line.size())
            return position{where.line, static_cast<int>(tab) + 1};
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::nullopt;
}

// What to look for, in words of those who edit the file, after what yaml-cpp says of its grammar.
std::string_view likely_cause(std::string_view said) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> causes{
        {{"end of sequence flow not found", "a list that begins with `[` is not closed with `]` before here"},
         {"end of map flow not found", "a map that begins with `{` is not closed with `}` before here"},
         {"end of map not found", "is the line indented as its neighbours are?"},
         {"end of sequence not found", "is the line indented as its neighbours are?"},
         {"illegal map value", "a text with `: ` in it needs quotes; a map begins on a line of its own"}}};
    const auto found = std::ranges::find(causes, said, &std::pair<std::string_view, std::string_view>::first);
    return found == causes.end() ? std::string_view() : found->second;
}

void add_parser_failure(const YAML::Exception& failure, std::string_view text, problem_sink& problems) {
    const position where = failure.mark.is_null() ? position{} : position_of(failure.mark);
    if (const auto tab = tab_in_indentation(text, where.line)) {
        problems.add(*tab, "a tab stands in the indentation: YAML takes only spaces there");
        return;
    }
    const std::string_view cause = likely_cause(failure.msg);
    problems.add(where, "not valid YAML: " + failure.msg + (cause.empty() ? "" : "; " + std::string(cause)));
}

} // namespace

std::string to_string(const problem& one) {
    if (one.line == 0)
        return one.file + ": " + one.text;
    return one.file + ":" + std::to_string(one.line) + ":" + std::to_string(one.column) + ": " + one.text;
}

void problem_sink::add(position where, std::string text) {
    all_->push_back({file_, where.line, where.column, std::move(text)});
}

void problem_sink::add_whole_file(std::string text) {
    all_->push_back({file_, 0, 0, std::move(text)});
}

const node* node::find(std::string_view key) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const entry& one) { return one.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

std::optional<node> parse(std::string_view text, problem_sink& problems, const limits& within) {
    if (text.size() > within.bytes_max) {
        problems.add_whole_file("larger than " + std::to_string(within.bytes_max) + " bytes");
        return std::nullopt;
    }
    std::istringstream in{std::string(text)};
    tree_builder builder(problems, within);
    try {
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const stop_parsing&) {
        return std::nullopt;
    } catch (const YAML::Exception& failure) {
        add_parser_failure(failure, text, problems);
        return std::nullopt;
    }
    std::optional<node> root = builder.take_root();
    if (!root || root->kind == node_kind::null) {
        root.emplace();
        root->kind = node_kind::map;
    }
    return root;
}

std::optional<node> load(const std::filesystem::path& file, problem_sink& problems, const limits& within) {
    std::error_code unreadable;
    const std::uintmax_t bytes = std::filesystem::file_size(file, unreadable);
    if (!unreadable && bytes > within.bytes_max) {
        problems.add_whole_file("larger than " + std::to_string(within.bytes_max) + " bytes");
        return std::nullopt;
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    if (unreadable || !in || !(content << in.rdbuf())) {
        if (!unreadable && in && bytes == 0)
            return parse("", problems, within);
        problems.add_whole_file("cannot be read" +
                                (unreadable ? ": " + unreadable.message() : std::string()));
        return std::nullopt;
    }
    return parse(content.view(), problems, within);
}

} // namespace auditgate::mapping::yaml
