#include "hl7v2/acknowledgement.hpp"

#include <gtest/gtest.h>

namespace auditgate::hl7v2 {
namespace {

using code = acknowledgement_code;
using verdict = acknowledgement_verdict;
using mode = acknowledgement_mode;

std::string answer(std::string_view received, code which,
                   const std::vector<acknowledgement_error>& errors = {}, const parse_options& options = {}) {
    acknowledgement_content content;
    content.code = which;
    content.errors = errors;
    content.control_id = "G1";
    content.time = "20240201";
    return build_acknowledgement(read_header(received, options), content);
}

acknowledgement_error missing_control_id() {
    return {error_condition::required_field_missing, parse_path("MSH-10").value,
            "The message control id is missing"};
}

TEST(Acknowledgement, IsWrittenByTheVersionOfTheMessage) {
    const struct {
        std::string_view received;
        std::string expected;
    } cases[] = {
        {"MSH|^~\\&|A^1.2^ISO|B|C|D^x|2024||ADT^A01|7|P|2.2\r",
         "MSH|^~\\&|C|D^x|A^1.2^ISO|B|20240201||ACK|G1|P|2.2\rMSA|AA|7\r"},
        {"MSH|^~\\&|A|B|C|D|2024||ADT^A01|7|T^A|2.3.1\r",
         "MSH|^~\\&|C|D|A|B|20240201||ACK^A01|G1|T^A|2.3.1\rMSA|AA|7\r"},
        {"MSH|^~\\&|A|B|C|D|2024||ADT^A01^ADT_A01|7|P|2.4^GBR||||||8859/1~\rPID|1\r",
         "MSH|^~\\&|C|D|A|B|20240201||ACK^A01^ACK|G1|P|2.4^GBR||||||8859/1~\rMSA|AA|7\r"},
        {"MSH|^~\\&#|A|B|C|D|2024||ADT|a\\T\\b~c|P|2.8\n",
         "MSH|^~\\&#|C|D|A|B|20240201||ACK|G1|P|2.8\rMSA|AA|a\\T\\b~c\r"},
        {"MSH#@*!$#A#B#C#D#2024##ADT@A01#7 #P#2.5\r",
         "MSH#@*!$#C#D#A#B#20240201##ACK@A01@ACK#G1#P#2.5\rMSA#AA#7 \r"},
        {"MSH|^~\\&|A\r", "MSH|^~\\&|||A||20240201||ACK|G1||\rMSA|AA|\r"},
        {"MSH|&&&&|A|B|C|D|2024||ADT^A01|\xE9 7|P|2.5\r",
         "MSH|^~\\&|C|D|A|B|20240201||ACK^A01^ACK|G1|P|2.5\rMSA|AA|\xE9 7\r"},
        {"MSH^~|^A^B^C^D^2024^^ADT^7^P^2.5\r", "MSH|^~\\&|C|D|A|B|20240201||ACK|G1|P|2.5\rMSA|AA|7\r"},
        {"nothing of the kind", "MSH|^~\\&|||||20240201||ACK|G1|P|2.5\rMSA|AA|\r"},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(answer(each.received, code::AA), each.expected);
    }
}

TEST(Acknowledgement, WritesErrorsByTheVersionOfTheMessage) {
    EXPECT_EQ(
        answer("MSH|^~\\&|||||2024||ADT^A01||P|2.3\r", code::AR,
               {missing_control_id(), missing_control_id()}),
        "MSH|^~\\&|||||20240201||ACK^A01|G1|P|2.3\rMSA|AR||The message control id is missing\r"
        "ERR|MSH^1^10^101&Required field missing&HL70357~MSH^1^10^101&Required field missing&HL70357\r");
    EXPECT_EQ(answer("MSH|^~\\&|||||2024||ADT^A01||P|2.5\r", code::AR,
                     {missing_control_id(), missing_control_id()}),
              "MSH|^~\\&|||||20240201||ACK^A01^ACK|G1|P|2.5\rMSA|AR||The message control id is missing\r"
              "ERR||MSH^1^10|101^Required field missing^HL70357|E||||The message control id is missing\r"
              "ERR||MSH^1^10|101^Required field missing^HL70357|E||||The message control id is missing\r");
    const acknowledgement_error deep{error_condition::data_type_error, parse_path("PID(2)-3[4].5.6").value,
                                     ""};
    EXPECT_EQ(answer("MSH|^~\\&|||||2024||ADT^A01|7|P|2.7\r", code::CE, {deep}),
              "MSH|^~\\&|||||20240201||ACK^A01^ACK|G1|P|2.7\rMSA|CE|7\r"
              "ERR||PID^2^3^4^5^6|102^Data type error^HL70357|E\r");
    const acknowledgement_error whole{error_condition::application_error, std::nullopt, "too large"};
    EXPECT_EQ(answer("", code::AR, {whole}), "MSH|^~\\&|||||20240201||ACK|G1|P|2.5\rMSA|AR||too large\r"
                                             "ERR|||207^Application error^HL70357|E||||too large\r");
}

TEST(Acknowledgement, AnswersInTheCharacterSetThatHidTheHeader) {
    const charset utf16 = charset::find("UTF-16LE").value();
    const std::string sent = "\xFF\xFE" + utf16.from_utf8("MSH|^~\\&|A|B|C|D|2024||ADT^A01|7é|P|2.5\r").text;
    const std::string got = answer(sent, code::AA);
    ASSERT_EQ(got.substr(0, 2), "\xFF\xFE");
    EXPECT_EQ(utf16.to_utf8(std::string_view(got).substr(2)).text,
              "MSH|^~\\&|C|D|A|B|20240201||ACK^A01^ACK|G1|P|2.5\rMSA|AA|7é\r");
}

TEST(Acknowledgement, IsChosenByTheHeaderAndTheMode) {
    const struct {
        std::string accept;
        std::string application;
        verdict how;
        mode asked;
        std::optional<code> first;
        std::optional<code> second;
    } cases[] = {
        {"", "", verdict::accepted, mode::by_message, {}, code::AA},
        {"", "", verdict::error, mode::by_message, {}, code::AE},
        {"", "", verdict::rejected, mode::by_message, {}, code::AR},
        {"\"\"", "", verdict::accepted, mode::by_message, {}, code::AA},
        {"AL", "NE", verdict::accepted, mode::by_message, code::CA, {}},
        {"AL", "NE", verdict::error, mode::by_message, code::CE, {}},
        {"AL", "NE", verdict::rejected, mode::by_message, code::CR, {}},
        {"AL", "AL", verdict::accepted, mode::by_message, code::CA, code::AA},
        {"NE", "NE", verdict::accepted, mode::by_message, {}, {}},
        {"NE", "NE", verdict::rejected, mode::by_message, {}, {}},
        {"ER", "", verdict::accepted, mode::by_message, {}, {}},
        {"ER", "", verdict::error, mode::by_message, code::CE, {}},
        {"SU", "", verdict::accepted, mode::by_message, code::CA, {}},
        {"SU", "ER", verdict::rejected, mode::by_message, {}, code::AR},
        {"", "AL", verdict::accepted, mode::by_message, {}, code::AA},
        {"AL", "AL", verdict::accepted, mode::original, {}, code::AA},
        {"", "", verdict::accepted, mode::enhanced, code::CA, {}},
        {"NE", "", verdict::accepted, mode::enhanced, {}, {}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.accept + "/" + each.application);
        message_header header;
        header.accept_acknowledgment_type = each.accept;
        header.application_acknowledgment_type = each.application;
        const acknowledgement_plan plan = plan_acknowledgement(header, each.how, each.asked);
        EXPECT_EQ(plan.accept, each.first);
        EXPECT_EQ(plan.application, each.second);
    }
}

TEST(Acknowledgement, RefusesHeadersByTable0357) {
    const struct {
        std::string_view received;
        int condition; // 0: passes
        std::string location;
    } cases[] = {
        {"MSH|^~\\&|||||2024||ADT^A01|7|P|2.5\r", 0, ""},
        {"MSH|^~\\&|||||2024||ADT^A01|7|P^T|2.5.1^GBR\r", 0, ""},
        {"PID|1\r", 100, ""},
        {"MSH|&&&&|||||2024||ADT^A01|7|P|2.5\r", 100, "MSH-2"},
        {"MSH|^~\\&|||||2024|||7|P|2.5\r", 101, "MSH-9"},
        {"MSH|^~\\&|||||2024||ADT^A01||P|2.5\r", 101, "MSH-10"},
        {"MSH|^~\\&|||||2024||ADT^A01|  |P|2.5\r", 101, "MSH-10"},
        {"MSH|^~\\&|||||2024||ADT^A01|7||2.5\r", 101, "MSH-11"},
        {"MSH|^~\\&|||||2024||ADT^A01|7|X|2.5\r", 202, "MSH-11"},
        {"MSH|^~\\&|||||2024||ADT^A01|7|PD|2.5\r", 202, "MSH-11"},
        {"MSH|^~\\&|||||2024||ADT^A01|7|P|\r", 101, "MSH-12"},
        {"MSH|^~\\&|||||2024||ADT^A01|7|P|9.9\r", 203, "MSH-12"},
        {"MSH|^~\\&|||||2024||ADT^A01|7|P|2.50\r", 203, "MSH-12"},
        {"MSH|^~\\&|||||2024||ZZZ^Z99|7|P|9.9\r", 203, "MSH-12"},
        {"MSH|^~\\&|||||2024||ZZZ^Z99|7|P|2.5\r", 200, "MSH-9"},
        {"MSH|^~\\&|||||2024||adt^A01|7|P|2.5\r", 200, "MSH-9"},
        {"MSH|^~\\&|||||2024||ADT^A1|7|P|2.5\r", 201, "MSH-9"},
        {"MSH|^~\\&|||||2024||ADT^X01|7|P|2.5\r", 201, "MSH-9"},
        {"MSH|^~\\&|||||2024||ADT^Z99|7|P|2.5\r", 0, ""},
        {"MSH|^~\\&|||||2024||ADT|7|P|2.3\r", 0, ""},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.received);
        const std::optional<acknowledgement_error> error = header_check(read_header(each.received));
        ASSERT_EQ(error.has_value(), each.condition != 0);
        if (error) {
            EXPECT_EQ(static_cast<int>(error->condition), each.condition);
            EXPECT_EQ(error->location ? to_string(*error->location) : "", each.location);
        }
    }
    const header_rules lax{
        .require_control_id = false, .require_version = false, .require_processing_id = false};
    EXPECT_EQ(header_check(read_header("MSH|^~\\&|||||2024||ADT^A01\r"), lax), std::nullopt);
    const header_rules agreed{.require_standard_type = false};
    EXPECT_EQ(header_check(read_header("MSH|^~\\&|||||2024||ZZZ^audit|7|P|2.5\r"), agreed), std::nullopt);
}

TEST(Acknowledgement, IsReadFromAnyDelimitersAndVersion) {
    const std::optional<received_acknowledgement> newer =
        read_acknowledgement("MSH#@*!$#C#D#A#B#2024##ACK@A01@ACK#G1#P#2.5\rMSA#AE#a!T!b#no\r"
                             "ERR##PID@1@3#101@Required@HL70357#E####why\r");
    ASSERT_TRUE(newer);
    EXPECT_EQ(newer->code, code::AE);
    EXPECT_EQ(newer->message_control_id, "a!T!b");
    EXPECT_EQ(newer->text, "no");
    ASSERT_EQ(newer->errors.size(), 1U);
    EXPECT_EQ(newer->errors[0].condition, "101");
    EXPECT_EQ(newer->errors[0].location, "PID@1@3");
    EXPECT_EQ(newer->errors[0].severity, "E");
    EXPECT_EQ(newer->errors[0].text, "why");
    const std::optional<received_acknowledgement> older = read_acknowledgement(
        "MSH|^~\\&|||||2024||ACK|G1|P|2.3\rMSA|AR|7\rERR|MSH^1^10^101&Required&HL70357\r");
    ASSERT_TRUE(older);
    EXPECT_EQ(older->errors.at(0).condition, "101");
    EXPECT_FALSE(read_acknowledgement("MSH|^~\\&|||||2024||ACK|G1|P|2.3\rPID|1\r"));
    EXPECT_FALSE(read_acknowledgement("MSH|^~\\&|||||2024||ACK|G1|P|2.3\rMSA|ZZ|1\r"));
    EXPECT_FALSE(read_acknowledgement(""));
}

TEST(Acknowledgement, ReadsItsOwnAnswers) {
    for (const code which : {code::AA, code::AE, code::AR, code::CA, code::CE, code::CR}) {
        const auto read = read_acknowledgement(answer("MSH|^~\\&|A|B|C|D|2024||ADT^A01|x 7|P|2.5\r", which));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->code, which);
        EXPECT_EQ(read->message_control_id, "x 7");
    }
}

} // namespace
} // namespace auditgate::hl7v2
