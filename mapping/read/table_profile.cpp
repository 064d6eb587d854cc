#include "mapping/read/table_profile.hpp"

#include "mapping/read/table_columns.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::mapping {

namespace {

constexpr std::size_t name_bytes_max = 20;

bool is_feed_name(std::string_view text) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= name_bytes_max && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), allowed);
}

class section_reader {
public:
    explicit section_reader(yaml::problem_sink& problems) : problems_(problems), columns_(problems) {}

    table_profile read(const yaml::node& section) {
        yaml::map_reader from(section, "`table`", problems_);
        into_.name = from.text("name");
        if (!into_.name.empty() && !is_feed_name(into_.name))
            from.problem_at("name",
                            "`name` must be small letters, digits and hyphens, at most 20: it goes out "
                            "as the feed table-<name>");
        read_format(from.child("format"));
        read_file_name(from);
        read_snapshot(from.child("snapshot"), from);
        for (const yaml::node& column : from.list("key"))
            columns_.add(column, "key", into_.key);
        if (into_.key.empty())
            from.problem_at("key",
                            "a table needs a `key`: the columns that name a row for ever, so that a later "
                            "version of it can be told from another row");
        if (const yaml::node* patient = from.required_child("patient"))
            read_patient(*patient);
        if (const yaml::node* visit = from.child("visit"))
            read_visit(*visit);
        into_.organisation = columns_.cell(from.child("organisation"), "organisation");
        into_.date = columns_.date(from.child("date"), "date");
        read_recorded(from);
        if (const yaml::node* status = from.child("status"))
            read_status(*status);
        read_events(from);
        from.finish();
        into_.columns_used = columns_.used();
        into_.systems_used = columns_.systems();
        return std::move(into_);
    }

private:
    void read_format(const yaml::node* node) {
        if (node == nullptr)
            return;
        yaml::map_reader from(*node, "`format`", problems_);
        const std::string delimiter = from.text_or("delimiter", ",");
        const std::string quote = from.text_or("quote", "\"");
        into_.format.delimiter = delimiter == "tab" ? '\t' : delimiter.empty() ? '\0' : delimiter.front();
        into_.format.quote = quote == "none" ? '\0' : quote.empty() ? '\0' : quote.front();
        const bool one_sign = delimiter == "tab" || (delimiter.size() == 1 && delimiter.front() > ' ');
        if (!one_sign)
            from.problem_at("delimiter",
                            "`delimiter` must be one sign such as \",\" or \";\" or \"|\", or tab");
        if (quote != "none" && quote.size() != 1)
            from.problem_at("quote", "`quote` must be one sign, or none");
        else if (into_.format.quote != '\0' && into_.format.quote == into_.format.delimiter)
            from.problem_at("quote", "`quote` and `delimiter` must not be the same sign");
        const std::string encoding = from.text_or("encoding", "UTF-8");
        const auto charset = hl7v2::charset::find(encoding);
        if (!charset)
            from.problem_at("encoding", "`" + encoding +
                                            "` is no character set known here; write one as UTF-8 or "
                                            "windows-1252");
        else if (!charset->is_delimiter_safe())
            from.problem_at("encoding",
                            "`" + encoding + "` cannot be read row by row: let the export write UTF-8");
        else
            into_.format.encoding = *charset;
        into_.format.has_header = from.boolean_or("header", true);
        into_.format.columns = from.texts("columns");
        if (!into_.format.has_header && into_.format.columns.empty())
            from.problem_at("columns", "without a header `columns` must name the columns in their order");
        columns_.know(into_.format.columns);
        from.finish();
    }

    void read_file_name(yaml::map_reader& from) {
        const std::optional<std::string> pattern = from.optional_text("file_name");
        if (!pattern)
            return;
        std::string mistake;
        into_.file_name = file_name_pattern::parse(*pattern, mistake);
        if (!into_.file_name)
            from.problem_at("file_name", mistake);
    }

    void read_snapshot(const yaml::node* node, yaml::map_reader& above) {
        if (node == nullptr)
            return;
        yaml::map_reader from(*node, "`snapshot`", problems_);
        into_.snapshot = from.choice<table_snapshot>(
            "by", {{"key", table_snapshot::by_key}, {"file", table_snapshot::by_file}});
        const bool named = into_.file_name && into_.file_name->tells_period();
        into_.period = from.choice_or<table_period>("period",
                                                    {{"dates", table_period::dates},
                                                     {"file-name", table_period::file_name},
                                                     {"all", table_period::all}},
                                                    named ? table_period::file_name : table_period::dates);
        constexpr int percent = 100;
        into_.omitted_percent_max =
            static_cast<int>(from.integer_or("omitted_percent_max", into_.omitted_percent_max, 0, percent));
        from.finish();
        if (into_.snapshot == table_snapshot::by_key)
            return;
        if (!into_.file_name || !into_.file_name->tells_recorded())
            above.problem_at("file_name",
                             "a full extract (`snapshot: by: file`) must tell in its name when it was "
                             "made, as in coding_{recorded:yyyyMMdd}.csv: only so can an older file "
                             "that comes late be told from a newer one");
        if (into_.period == table_period::file_name && !named)
            from.problem_at("period",
                            "`period: file-name` needs {from:yyyyMMdd} and {to:yyyyMMdd} in `file_name`");
    }

    void read_recorded(yaml::map_reader& from) {
        into_.recorded = columns_.date(from.child("recorded"), "recorded");
        if (into_.snapshot == table_snapshot::by_file && into_.recorded.is_given())
            from.problem_at("recorded",
                            "every row of a full extract (`snapshot: by: file`) speaks as of the time in "
                            "the file's name: leave `recorded` out");
        if (into_.snapshot == table_snapshot::by_file && into_.period != table_period::all &&
            !into_.date.is_given())
            from.problem_at("date",
                            "a full extract of a period needs the `date` of each row, to know which rows it "
                            "speaks of");
    }

    void read_patient(const yaml::node& node) {
        yaml::map_reader from(node, "`patient`", problems_);
        table_patient& to = into_.patient;
        to.nhs_number = columns_.cell(from.child("nhs_number"), "nhs_number");
        to.local_number = columns_.cell(from.child("local_number"), "local_number");
        to.local_organisation = columns_.cell(from.child("local_organisation"), "local_organisation");
        to.birth_date = columns_.date(from.child("birth_date"), "birth_date");
        to.sex = columns_.cell(from.child("sex"), "sex");
        to.ethnic_category = columns_.cell(from.child("ethnic_category"), "ethnic_category");
        to.death_date = columns_.date(from.child("death_date"), "death_date");
        if (!to.nhs_number.is_given() && !to.local_number.is_given())
            from.problem_at("nhs_number",
                            "`patient` needs `nhs_number`, or `local_number` with `local_organisation`");
        if (to.local_number.is_given() && !to.local_organisation.is_given())
            from.problem_at("local_organisation",
                            "`local_number` needs `local_organisation`, the ODS code whose number "
                            "it is: a column, or {value: RXX}");
        from.finish();
    }

    void read_visit(const yaml::node& node) {
        yaml::map_reader from(node, "`visit`", problems_);
        into_.visit.number = columns_.cell(from.required_child("number"), "number");
        into_.visit.patient_class = columns_.cell(from.child("class"), "class");
        into_.visit.start = columns_.date(from.child("start"), "start");
        into_.visit.end = columns_.date(from.child("end"), "end");
        from.finish();
    }

    void read_status(const yaml::node& node) {
        yaml::map_reader from(node, "`status`", problems_);
        if (const yaml::node* column = from.required_child("column"))
            into_.status.column = columns_.name(*column, "column");
        into_.status.current = from.texts("current");
        into_.status.corrected = from.texts("corrected");
        into_.status.deleted = from.texts("deleted");
        into_.status.ignored = from.texts("ignored");
        const row_status& status = into_.status;
        if (status.deleted.empty() && status.corrected.empty() && status.ignored.empty())
            from.problem_at("deleted",
                            "`status` needs `deleted`, `corrected` or `ignored`: the words of the column "
                            "that say so");
        from.finish();
    }

    void read_events(yaml::map_reader& from) {
        for (const yaml::node& one : from.list("events"))
            read_event(one);
        if (into_.events.empty())
            from.problem_at("events", "a table needs `events`: what its columns tell");
    }

    void read_event(const yaml::node& node) {
        yaml::map_reader from(node, "an event", problems_);
        table_event made;
        made.kind = from.choice<table_event_kind>("tells", {{"procedure", table_event_kind::procedure},
                                                            {"condition", table_event_kind::condition},
                                                            {"observation", table_event_kind::observation}});
        for (const yaml::node& column : from.list("columns"))
            columns_.add(column, "columns", made.columns);
        if (made.columns.empty())
            from.problem_at("columns", "an event needs `columns`: where its codes or values stand");
        read_event_dates(from, made);
        if (const yaml::node* where = from.child("where"))
            made.only_where = read_where(*where);
        made.system = columns_.system(from.child("system"), "system");
        if (made.kind == table_event_kind::observation)
            read_observation(from, made);
        else if (!made.system.is_given())
            from.problem_at("system",
                            "`system` is needed: the code system of the codes, such as OPCS4 or I10, or "
                            "{column: NAME} where it stands in the row");
        if (made.kind == table_event_kind::procedure) {
            made.body_site = columns_.cell(from.child("body_site"), "body_site");
            made.body_site_system = columns_.system(from.child("body_site_system"), "body_site_system");
            if (made.body_site.is_given() && !made.body_site_system.is_given())
                from.problem_at("body_site_system", "`body_site` needs `body_site_system`, such as SCT");
        }
        from.finish();
        into_.events.push_back(std::move(made));
    }

    void read_event_dates(yaml::map_reader& from, table_event& made) {
        if (const yaml::node* date = from.child("date")) {
            const date_source dates = columns_.dates(*date, "date", made.date_columns);
            made.date_formats = dates.formats;
        }
        const std::size_t dates = made.date_columns.size();
        if (dates > 1 && dates != made.columns.size())
            from.problem_at("date", "there are " + std::to_string(made.columns.size()) + " columns and " +
                                        std::to_string(dates) +
                                        " dates: give one date for all, or one for each");
        if (dates == 0 && !into_.date.is_given())
            from.problem_at("date", "when was it? Give the event a `date`, or the table one for all events");
    }

    void read_observation(yaml::map_reader& from, table_event& made) {
        made.code = columns_.code(from.required_child("code"), made.system);
        made.type = from.choice_or<table_value_type>("type",
                                                     {{"text", table_value_type::text},
                                                      {"number", table_value_type::number},
                                                      {"code", table_value_type::code},
                                                      {"date", table_value_type::date}},
                                                     table_value_type::text);
        made.joined = from.boolean_or("joined", false);
        if (made.joined && made.date_columns.size() > 1)
            from.problem_at("date", "what is joined has one date");
        made.value_system = columns_.system(from.child("value_system"), "value_system");
        if (made.type == table_value_type::code && !made.value_system.is_given())
            from.problem_at("value_system",
                            "`type: code` needs `value_system`, the code system of the values");
        made.words = columns_.words(from, "words");
        made.value_formats = columns_.formats(from, "value_format");
        made.unit = from.text_or("unit", "");
        made.asked_by = from.choice_or<table_asker>("asked_by",
                                                    {{"questionnaire", table_asker::questionnaire},
                                                     {"clinic", table_asker::clinic},
                                                     {"ward", table_asker::ward}},
                                                    table_asker::clinic);
    }

    cell_source read_where(const yaml::node& node) {
        yaml::map_reader from(node, "`where`", problems_);
        cell_source where;
        if (const yaml::node* column = from.required_child("column"))
            where.column = columns_.name(*column, "column");
        for (const std::string& word : from.texts("is"))
            where.words.emplace(word, "");
        if (where.words.empty())
            from.problem_at("is", "`where` needs `is`: what the column holds in rows that tell this");
        from.finish();
        return where;
    }

    yaml::problem_sink& problems_;
    column_names columns_;
    table_profile into_;
};

} // namespace

table_profile read_table_profile(const yaml::node& section, yaml::problem_sink& problems) {
    return section_reader(problems).read(section);
}

} // namespace auditgate::mapping
