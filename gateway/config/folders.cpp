#include "gateway/config/folders.hpp"

#include <unistd.h>

#include <string>
#include <system_error>

namespace auditgate::gateway {
namespace {

namespace fs = std::filesystem;

constexpr const char* for_its_user = " by the user who runs this command; the gateway's user must be able to";

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

bool may_write_in(const fs::path& folder) {
    return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

class folder_check {
public:
    folder_check(const gateway_config& of, std::vector<mapping::yaml::problem>& problems)
        : of_(of), problems_(of.file.string(), problems) {}

    void run() {
        for (const directory_config& one : of_.directories)
            check_directory(one);
        for (const destination_config& one : of_.destinations)
            check_opt_out(one);
    }

private:
    // That there is no such folder is told when the configuration is loaded.
    void check_directory(const directory_config& directory) {
        for (const char* below : {"", "ready", "done", "failed"}) {
            const fs::path folder = directory.path / below;
            if (is_folder(folder) && !may_write_in(folder))
                problems_.add(directory.where, "directory `" + directory.name + "`: " + folder.string() +
                                                   " cannot be written" + for_its_user +
                                                   ", for a file leaves it by renaming");
        }
    }

    void check_opt_out(const destination_config& destination) {
        const opt_out_config& lists = destination.opt_out_files;
        const bool applies =
            destination.settings.basis == mapping::legal_basis::s251 && !destination.settings.opt_out_exempt;
        if (applies && lists.request && has_folder("request", *lists.request, lists.where) &&
            !may_write_in(lists.request->parent_path()))
            problems_.add(lists.where, "`request`: " + lists.request->parent_path().string() +
                                           " cannot be written" + for_its_user +
                                           " that runs auditgate opt-out request");
        if (applies && lists.response && has_folder("response", *lists.response, lists.where))
            may_be_read("response", *lists.response, lists.where);
        if (!lists.dissent)
            return;
        std::error_code ignored;
        if (!fs::exists(*lists.dissent, ignored))
            problems_.add(lists.where, "`dissent`: there is no file " + lists.dissent->string() +
                                           ": without it every new or changed record is held");
        else
            may_be_read("dissent", *lists.dissent, lists.where);
    }

    bool has_folder(const std::string& key, const fs::path& file, mapping::yaml::position where) {
        const fs::path folder = file.parent_path();
        if (folder.empty() || is_folder(folder))
            return true;
        problems_.add(where, "`" + key + "`: there is no folder " + folder.string() +
                                 "; make it for the gateway's user (docs/operating.md, section 4)");
        return false;
    }

    // A response that is not there yet is none of our mistakes.
    void may_be_read(const std::string& key, const fs::path& file, mapping::yaml::position where) {
        std::error_code ignored;
        if (fs::exists(file, ignored) && ::access(file.c_str(), R_OK) != 0)
            problems_.add(where, "`" + key + "`: " + file.string() + " cannot be read" + for_its_user);
    }

    const gateway_config& of_;
    mapping::yaml::problem_sink problems_;
};

} // namespace

void check_folders(const gateway_config& of, std::vector<mapping::yaml::problem>& problems) {
    folder_check(of, problems).run();
}

} // namespace auditgate::gateway
