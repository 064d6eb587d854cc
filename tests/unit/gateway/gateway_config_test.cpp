#include "gateway/config/gateway_config.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view smallest = R"(
data: ../data
listeners:
  - name: main
mapping:
  terminology: terminology
  datasets: datasets/a.yaml
)";

std::string problems_of(std::string_view text) {
    std::string all;
    for (const auto& one : parse_gateway_config(text, "conf/g.yaml").problems)
        all += to_string(one) + "\n";
    return all;
}

TEST(GatewayConfig, HasDefaultsForWhatIsNotSaid) {
    const gateway_config_load load = parse_gateway_config(smallest, "conf/g.yaml");
    ASSERT_TRUE(load.loaded) << problems_of(smallest);
    const gateway_config& config = *load.loaded;
    EXPECT_EQ(config.data_folder, "data");
    EXPECT_EQ(config.datasets, std::vector<std::filesystem::path>{"conf/datasets/a.yaml"});
    ASSERT_EQ(config.listeners.size(), 1u);
    EXPECT_EQ(config.listeners[0].port, 2575);
    EXPECT_EQ(config.listeners[0].limits.frame_bytes_max, 64'000'000u);
    EXPECT_EQ(config.listeners[0].limits.buffered_bytes_max, 256'000'000u);
    EXPECT_FALSE(config.listeners[0].tls);
    EXPECT_EQ(config.operations.port, 9275);
}

TEST(GatewayConfig, ChecksHowLongMessagesAreKept) {
    const auto with = [](const std::string& retention) {
        return std::string(smallest) +
               "sources: [{name: pas, duplicate_horizon: 7d}]\nretention: " + retention;
    };
    EXPECT_EQ(parse_gateway_config(with("{journal: 7d, unsettled: 7d}"), "g.yaml").loaded->retention.journal,
              std::chrono::days(7));
    EXPECT_EQ(parse_gateway_config(smallest, "g.yaml").loaded->retention.unsettled, std::chrono::days(400));
    for (const auto& [written, told] : std::vector<std::pair<std::string, std::string>>{
             {"{journal: 6d}", "shorter than the `duplicate_horizon` of source `pas`"},
             {"{journal: 0d}", "whole days from 1d to 3653d, such as 90d"},
             {"{journal: 3654d, unsettled: 3654d}", "whole days from 1d to 3653d"},
             {"{journal: 36h}", "whole days"},
             {"{unsettled: 89d}", "must not be shorter than `journal`"},
             {"{jurnal: 90d}", "did you mean `journal`"}})
        EXPECT_NE(problems_of(with(written)).find(told), std::string::npos) << problems_of(with(written));
}

TEST(GatewayConfig, RefusesFindingsThatNoMessageHas) {
    const auto with = [](const std::string& strict) {
        return std::string(smallest) + "sources: [{name: pas, strict: " + strict + "}]";
    };
    EXPECT_EQ(problems_of(with("[]")), "");
    EXPECT_EQ(problems_of(with("lone-escape")), "");
    EXPECT_NE(problems_of(with("[lone-escapes]")).find("did you mean `lone-escape`"), std::string::npos);
    EXPECT_NE(problems_of(with("batch-count-differs")).find("docs/hl7v2.md"), std::string::npos);
}

TEST(GatewayConfig, ReadsEverythingThatCanBeSaid) {
    const gateway_config_load load = parse_gateway_config(R"(
data: /var/lib/auditgate
log: warning
io_threads: 4
operations: {address: 0.0.0.0, port: 0}
listeners:
  - name: theatre
    protocol: mllp
    address: 127.0.0.1
    port: 6661
    limits: {frame: 1MB, buffered: 9MB, connections: 8, pipelined: 2, idle: 5m, slow_frame: 2s, store: 1s, slow_answer: 3s}
    tls: {certificate: c.pem, key: k.pem, client_authorities: a.pem}
sources:
  - name: pas
    match: {listener: theatre, sending_application: [PAS*, EPR], message_type: "ADT^*"}
    profile: sources/pas.yaml
    acknowledgement: enhanced
    duplicate_horizon: 2d
    strict: [wrong-bytes, charset-assumed]
destinations:
  - name: registry
    url: https://registry.example/fhir
    token_file: tokens/registry
    authorities: ca.pem
    connections: 2
    key_id: k1
    legal_basis: consent
    opt_out_files: {dissent: dissent.csv}
mapping: {threads: 3, terminology: t, datasets: [a.yaml, b.yaml], feeds: f.yaml, ome_table: cdc-2022, time_zone: Europe/Dublin,
          allow_test_numbers: true}
)",
                                                          "/etc/auditgate/gateway.yaml");
    ASSERT_TRUE(load.loaded) << to_string(load.problems.at(0));
    const gateway_config& config = *load.loaded;
    EXPECT_EQ(config.log_least, observe::log_level::warning);
    const mllp_limits& limits = config.listeners.at(0).limits;
    EXPECT_EQ(limits.frame_bytes_max, 1'000'000u);
    EXPECT_EQ(limits.buffered_bytes_max, 9'000'000u);
    EXPECT_EQ(limits.connections_max, 8);
    EXPECT_EQ(limits.pipelined_max, 2);
    EXPECT_EQ(limits.idle_timeout, 5min);
    EXPECT_EQ(limits.frame_timeout, 2s);
    EXPECT_EQ(limits.store_timeout, 1s);
    EXPECT_EQ(limits.write_timeout, 3s);
    EXPECT_EQ(config.listeners[0].tls->client_authorities_file, "/etc/auditgate/a.pem");
    const source_config& source = config.sources.at(0);
    EXPECT_EQ(source.sending_applications, (std::vector<std::string>{"PAS*", "EPR"}));
    EXPECT_EQ(source.acknowledgement, auditgate::hl7v2::acknowledgement_mode::enhanced);
    EXPECT_EQ(source.duplicate_horizon, 48h);
    EXPECT_EQ(source.strict, (std::vector<std::string>{"charset-assumed", "wrong-bytes"}));
    EXPECT_EQ(source.profile, "/etc/auditgate/sources/pas.yaml");
    EXPECT_TRUE(config.allow_test_numbers);
    EXPECT_EQ(config.feeds, std::vector<std::filesystem::path>{"/etc/auditgate/f.yaml"});
    const destination_config& destination = config.destinations.at(0);
    EXPECT_EQ(destination.url, "https://registry.example/fhir");
    EXPECT_EQ(destination.token_file, "/etc/auditgate/tokens/registry");
    EXPECT_EQ(destination.authorities_file, "/etc/auditgate/ca.pem");
    EXPECT_EQ(destination.connections, 2);
    EXPECT_EQ(destination.settings.key_id, "k1");
    EXPECT_EQ(destination.settings.basis, auditgate::mapping::legal_basis::consent);
    EXPECT_EQ(destination.opt_out_files.dissent, "/etc/auditgate/dissent.csv");
    EXPECT_FALSE(destination.opt_out_files.request);
}

TEST(GatewayConfig, ReadsListenersForHttp) {
    const gateway_config_load load = parse_gateway_config(R"(
data: x
listeners:
  - name: web
    protocol: http
    limits: {body: 1MB, buffered: 9MB, connections: 8, idle: 5m, slow_request: 2s, store: 1s}
    tls: {certificate: c.pem, key: k.pem, client_authorities: a.pem, client_names: tie.example}
    clients: [{name: tie, token_file: tokens/tie}]
  - {name: local, protocol: http, address: "::1", port: 8081}
mapping: {terminology: t, datasets: a.yaml}
)",
                                                          "/etc/auditgate/gateway.yaml");
    ASSERT_TRUE(load.loaded) << to_string(load.problems.at(0));
    const listener_config& web = load.loaded->listeners.at(0);
    EXPECT_EQ(web.protocol, listener_protocol::http);
    EXPECT_EQ(web.port, 8443);
    EXPECT_EQ(web.http.body_bytes_max, 1'000'000u);
    EXPECT_EQ(web.http.buffered_bytes_max, 9'000'000u);
    EXPECT_EQ(web.http.connections_max, 8);
    EXPECT_EQ(web.http.idle_timeout, 5min);
    EXPECT_EQ(web.http.request_timeout, 2s);
    EXPECT_EQ(web.http.answer_timeout, 1s);
    EXPECT_EQ(web.tls->client_names, std::vector<std::string>{"tie.example"});
    EXPECT_EQ(web.clients.at(0).token_file, "/etc/auditgate/tokens/tie");
    EXPECT_EQ(load.loaded->listeners.at(1).http.body_bytes_max, 64'000'000u);
}

TEST(GatewayConfig, OpensNoHttpListenerToEverybody) {
    const auto problems = [](const std::string& listener) {
        return problems_of("data: x\nlisteners: [{name: web, protocol: http, " + listener +
                           "}]\nmapping: {terminology: t, datasets: a.yaml}\n");
    };
    const std::string tls = "tls: {certificate: c.pem, key: k.pem";
    EXPECT_NE(problems("address: 0.0.0.0"), "");
    EXPECT_NE(problems("address: 10.0.0.1, clients: [{name: tie, token_file: t}]"), "");
    EXPECT_NE(problems("address: 0.0.0.0, " + tls + "}"), "");
    EXPECT_NE(problems("address: 127.0.0.1, " + tls + ", client_names: [tie]}"),
              ""); // nobody has signed for it
    EXPECT_EQ(problems("address: 127.0.0.1"), "");
    EXPECT_EQ(problems("address: 0.0.0.0, " + tls + "}, clients: [{name: tie, token_file: t}]"), "");
    EXPECT_EQ(problems("address: 0.0.0.0, " + tls + ", client_authorities: a.pem}"), "");
}

TEST(GatewayConfig, ReadsDirectoriesOfFiles) {
    const gateway_config_load load = parse_gateway_config(R"(
data: x
sources:
  - name: coding
directories:
  - {name: coding, path: inbox, source: coding, pattern: "*.csv", settle: 1m, poll: 10s, file: 2MB}
  - {name: backlog, path: /srv/backlog}
mapping: {terminology: t, datasets: a.yaml}
)",
                                                          "/etc/auditgate/gateway.yaml");
    ASSERT_TRUE(load.loaded) << to_string(load.problems.at(0));
    const directory_config& coding = load.loaded->directories.at(0);
    EXPECT_EQ(coding.path, "/etc/auditgate/inbox");
    EXPECT_EQ(coding.source, "coding");
    EXPECT_EQ(coding.pattern, "*.csv");
    EXPECT_EQ(coding.settle, 1min);
    EXPECT_EQ(coding.poll, 10s);
    EXPECT_EQ(coding.file_bytes_max, 2'000'000U);
    EXPECT_TRUE(load.loaded->sources.at(0).only_files);
    const directory_config& backlog = load.loaded->directories.at(1);
    EXPECT_EQ(backlog.path, "/srv/backlog");
    EXPECT_FALSE(backlog.source);
    EXPECT_EQ(backlog.settle, 5s);
}

TEST(GatewayConfig, TellsWhatIsWrongWithADirectory) {
    EXPECT_EQ(problems_of(R"(
data: x
sources:
  - name: coding
directories:
  - {name: coding, path: inbox, source: codign}
  - {name: coding, path: inbox, file: 1B, poll: 0s}
mapping: {terminology: t, datasets: a.yaml}
)"),
              "conf/g.yaml:6:41: there is no source `codign`, did you mean `coding`?\n"
              "conf/g.yaml:7:12: `coding` is the name of another one already\n"
              "conf/g.yaml:7:26: another directory has this path already\n"
              "conf/g.yaml:7:49: `poll` must be from 1ms to 30d\n"
              "conf/g.yaml:7:39: `file` must be from 1kB to 1GB\n");
}

TEST(GatewayConfig, TellsEveryProblemAtOnce) {
    EXPECT_EQ(
        problems_of(R"(
dat: x
listeners:
  - name: Main Theatre
    prot: 2575
    limits: {frame: 1GiB}
  - name: second
  - name: second
sources:
  - name: pas
    match: {listener: secnd}
destinations:
  - {name: registry, url: registry.example, key_id: k, tokenfile: t}
mapping: {terminology: t}
)"),
        "conf/g.yaml:2:1: the file needs `data`\n"
        "conf/g.yaml:4:11: `name` must be small letters, digits and hyphens, at most 40, not `Main Theatre`\n"
        "conf/g.yaml:6:21: `frame` must be from 1kB to 1GB\n"
        "conf/g.yaml:5:5: unknown key `prot` in a listener, did you mean `port`?\n"
        "conf/g.yaml:8:11: `second` is the name of another one already\n"
        "conf/g.yaml:11:23: there is no listener `secnd`, did you mean `second`?\n"
        "conf/g.yaml:13:27: `url` must be https://HOST[:PORT]/PATH (http:// only to a proxy on this "
        "machine)\n"
        "conf/g.yaml:13:5: `opt_out: apply` needs `opt_out_files` with `request` and `response`: without "
        "them "
        "every record is held\n"
        "conf/g.yaml:13:56: unknown key `tokenfile` in a destination, did you mean `token_file`?\n"
        "conf/g.yaml:14:10: `mapping` needs at least one file in `datasets`\n"
        "conf/g.yaml:2:1: unknown key `dat` in the file, did you mean `data`?\n");
}

TEST(GatewayConfig, KeepsTheMemoryOfAListenerWithinBounds) {
    const auto with = [](const std::string& buffered) {
        std::string text(smallest);
        const std::string name = "- name: main\n";
        text.insert(text.find(name) + name.size(), "    limits: {buffered: " + buffered + "}\n");
        return problems_of(text);
    };
    EXPECT_EQ(with("1MB"), "");
    EXPECT_EQ(with("100GB"), "");
    const std::string problem = "conf/g.yaml:5:24: `buffered` must be from 1MB to 100GB\n";
    EXPECT_EQ(with("999kB"), problem);
    EXPECT_EQ(with("101GB"), problem);
}

// The problems of a file with one destination of this URL.
std::string problems_of_url(const std::string& url) {
    return problems_of(std::string(smallest) + "destinations:\n  - {name: registry, key_id: k, url: \"" +
                       url + "\", legal_basis: consent}\n");
}

TEST(GatewayConfig, TakesUrlsOfServersAndOfProxiesOnThisMachine) {
    for (const char* url :
         {"https://registry.example/fhir", "https://registry.example:65535", "https://[::1]/",
          "http://127.0.0.1:8480/fhir", "http://[::1]:1/fhir", "http://localhost/fhir"})
        EXPECT_EQ(problems_of_url(url), "") << url;
}

TEST(GatewayConfig, RefusesUrlsThatCannotWorkOrWouldSendInClear) {
    const std::string form =
        "`url` must be https://HOST[:PORT]/PATH (http:// only to a proxy on this machine)";
    const std::string port = "the port in `url` must be from 1 to 65535";
    const std::string clear = "http:// would send the token and the records in clear";
    const std::vector<std::pair<std::string, std::string>> table{
        {"https://", form},
        {"https:///fhir", form},
        {"ftp://registry.example/fhir", form},
        {"https://name:word@registry.example/fhir", form},
        {"https://registry.example/fhir?x=1", form},
        {"https://registry.example:99999/fhir", port},
        {"https://registry.example:65536/fhir", port},
        {"https://registry.example:0/fhir", port},
        {"http://registry.example/fhir", clear},
        {"http://10.0.0.1/fhir", clear},
    };
    for (const auto& [url, text] : table)
        EXPECT_TRUE(problems_of_url(url).starts_with("conf/g.yaml:9:38: " + text))
            << url << ": " << problems_of_url(url);
}

TEST(GatewayConfig, ShipsAFileThatIsRight) {
    const auto file = auditgate::test::source_folder() / "config/gateway.yaml";
    const gateway_config_load load = load_gateway_config(file);
    EXPECT_TRUE(load.loaded) << to_string(load.problems.at(0));
}

TEST(GatewayConfig, SaysWhichFileIsMissing) {
    const gateway_config_load load = load_gateway_config("nowhere/gateway.yaml");
    ASSERT_EQ(load.problems.size(), 1u);
    EXPECT_EQ(to_string(load.problems[0]), "nowhere/gateway.yaml: cannot be read: No such file or directory");
}

} // namespace
