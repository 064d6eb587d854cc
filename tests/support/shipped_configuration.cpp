#include "tests/support/shipped_configuration.hpp"

#include "tests/support/support.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace auditgate::test {

gateway::configuration
shipped_configuration(shipped_datasets datasets,
                      const std::function<void(const std::filesystem::path& folder)>& edit) {
    namespace fs = std::filesystem;
    const temporary_folder folder;
    fs::copy(source_folder() / "config", folder.path(), fs::copy_options::recursive);
    const fs::path file = folder.path() / "gateway.yaml";
    std::string text = read_file(file);
    const std::string_view setting = "allow_test_numbers: false";
    text.replace(text.find(setting), setting.size(), "allow_test_numbers: true");
    for (const std::string_view offered : {"    # - datasets/", "    # - feed/"}) {
        const std::size_t at = text.find(offered);
        if (datasets == shipped_datasets::all && at != std::string::npos)
            text.erase(at + 4, 2);
    }
    write_file(file, text + "destinations:\n"
                            "  - name: registry\n"
                            "    url: http://127.0.0.1:1/fhir\n"
                            "    key_id: test\n"
                            "    opt_out: exempt\n"
                            "    exemption_reference: test\n");
    if (edit)
        edit(folder.path());
    gateway::configuration_load read = gateway::check_configuration(file);
    std::string problems;
    for (const auto& problem : read.problems)
        problems += to_string(problem) + '\n';
    if (!read.loaded)
        throw std::runtime_error("the configuration that ships has problems:\n" + problems);
    return std::move(*read.loaded);
}

} // namespace auditgate::test
