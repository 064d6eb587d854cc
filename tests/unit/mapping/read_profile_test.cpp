#include "mapping/read/read.hpp"
#include "mapping/read/source_profile.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

TEST(SourceProfile, DefaultFileSaysWhatIsBuiltIn) {
    const source_profile_load load =
        load_source_profile(test::source_folder() / "config/sources/default.yaml");
    ASSERT_TRUE(load.profile.has_value()) << (load.problems.empty() ? "" : to_string(load.problems.front()));
    const source_profile built_in;
    EXPECT_EQ(load.profile->name, built_in.name);
    EXPECT_EQ(load.profile->sender, built_in.sender);
    EXPECT_EQ(load.profile->time_zone, built_in.time_zone);
    EXPECT_EQ(load.profile->wire.default_charset, built_in.wire.default_charset);
    EXPECT_EQ(load.profile->wire.forced_charset, built_in.wire.forced_charset);
    EXPECT_EQ(load.profile->wire.ends, built_in.wire.ends);
    EXPECT_EQ(load.profile->wire.hex, built_in.wire.hex);
    EXPECT_EQ(load.profile->sets, built_in.sets);
    EXPECT_EQ(load.profile->identifiers.local_types, built_in.identifiers.local_types);
    EXPECT_EQ(load.profile->identifiers.nhs_types, built_in.identifiers.nhs_types);
    EXPECT_EQ(load.profile->identifiers.nhs_authorities, built_in.identifiers.nhs_authorities);
    EXPECT_EQ(load.profile->identifiers.nhs_systems, built_in.identifiers.nhs_systems);
    EXPECT_EQ(load.profile->identifiers.organisation_systems, built_in.identifiers.organisation_systems);
    EXPECT_EQ(load.profile->identifiers.local_systems, built_in.identifiers.local_systems);
    EXPECT_EQ(load.profile->ethnic_category_extensions, built_in.ethnic_category_extensions);
    EXPECT_EQ(load.profile->death_notification_extensions, built_in.death_notification_extensions);
    EXPECT_EQ(load.profile->known_by, built_in.known_by);
    EXPECT_EQ(load.profile->dispenses, built_in.dispenses);
}

TEST(SourceProfile, FileChangesOnlyWhatItSays) {
    const test::temporary_folder folder;
    test::write_file(folder.path() / "pas.yaml", "sets: snapshot\nidentifiers:\n  local_types: [PI, MR]\n"
                                                 "  local_systems:\n    https://pas.example/mrn: RXX\n"
                                                 "fhir_identity: identifier\nfhir_dispenses: order\n");
    const source_profile_load load = load_source_profile(folder.path() / "pas.yaml");
    ASSERT_TRUE(load.profile.has_value());
    EXPECT_EQ(load.profile->name, "pas");
    EXPECT_EQ(load.profile->sets, set_mode::snapshot);
    EXPECT_EQ(load.profile->identifiers.local_types, (std::vector<std::string>{"PI", "MR"}));
    EXPECT_EQ(load.profile->identifiers.local_systems.at("https://pas.example/mrn"), "RXX");
    EXPECT_EQ(load.profile->known_by, fhir_identity::identifier);
    EXPECT_EQ(load.profile->dispenses, fhir_dispense::order);
    EXPECT_EQ(load.profile->time_zone, "Europe/London");
}

TEST(SourceProfile, SaysHowTheBytesOfASenderAreRead) {
    const test::temporary_folder folder;
    test::write_file(folder.path() / "lab.yaml", "default_charset: 8859/15\ncharset: windows-1252\n"
                                                 "segment_end: lf\nhex_escapes: code-points\n");
    const source_profile_load load = load_source_profile(folder.path() / "lab.yaml");
    ASSERT_TRUE(load.profile.has_value());
    EXPECT_EQ(load.profile->wire.default_charset, "8859/15");
    EXPECT_EQ(load.profile->wire.forced_charset, "windows-1252");
    EXPECT_EQ(load.profile->wire.ends, hl7v2::segment_end::line_feed);
    EXPECT_EQ(load.profile->wire.hex, hl7v2::hex_reading::code_points);
    test::write_file(folder.path() / "lab.yaml", "default_charset: 8859-77\ncharset: latein\n");
    const source_profile_load wrong = load_source_profile(folder.path() / "lab.yaml");
    ASSERT_EQ(wrong.problems.size(), 2U);
    EXPECT_NE(to_string(wrong.problems[0]).find("no character set known here"), std::string::npos);
}

TEST(SourceProfile, DecidesWhatTheBytesOfAMessageMean) {
    const std::string bytes =
        "MSH|^~\\&|PAS|RXX|||202603060900||ADT^A08|M1|P|2.5\nPID|1||H1^^^RXX^MR||\xC9\\Q||19580712|F\n";
    const auto codes_with = [&](const hl7v2::parse_options& wire) {
        source_profile profile;
        profile.wire = wire;
        std::vector<std::string> codes;
        for (const read_finding& one :
             read_message({bytes, message_format::hl7v2, "m1", {}}, profile).findings) {
            codes.push_back(one.code);
        }
        return codes;
    };
    EXPECT_EQ(codes_with({}), (std::vector<std::string>{"charset-assumed", "line-feed-ends-segment",
                                                        "lone-escape", "wrong-bytes"}));
    EXPECT_EQ(codes_with({.ends = hl7v2::segment_end::line_feed, .forced_charset = "8859/1"}),
              std::vector<std::string>{"lone-escape"});
}

TEST(SourceProfile, EveryMistakeIsToldWithItsLine) {
    const test::temporary_folder folder;
    test::write_file(folder.path() / "pas.yaml", "time_zone: Europe/Londn\nsets: snapshots\nsendr: x\n");
    const source_profile_load load = load_source_profile(folder.path() / "pas.yaml");
    EXPECT_FALSE(load.profile.has_value());
    ASSERT_EQ(load.problems.size(), 3U);
    EXPECT_EQ(load.problems[0].line, 1);
    EXPECT_EQ(load.problems[1].line, 2);
    EXPECT_EQ(load.problems[2].line, 3);
}

} // namespace
} // namespace auditgate::mapping
