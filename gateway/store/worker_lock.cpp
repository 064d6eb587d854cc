#include "gateway/store/worker_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <string>

namespace auditgate::gateway::store {

result<std::unique_ptr<security::unique_descriptor>> take_worker_lock(const std::filesystem::path& database) {
    const std::string lock_path = database.string() + ".lock";
    auto file = std::make_unique<security::unique_descriptor>(
        ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!*file)
        return error{errc::store_unavailable, "cannot open or make " + lock_path};
    if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0)
        return error{errc::store_unavailable, "another process works on the store " + database.string() +
                                                  ": stop it first, or set another data folder"};
    return file;
}

} // namespace auditgate::gateway::store
