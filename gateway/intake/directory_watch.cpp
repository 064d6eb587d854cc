#include "gateway/intake/directory_watch.hpp"

#include "gateway/intake/directory_contents.hpp"
#include "gateway/intake/directory_settling.hpp"
#include "gateway/observe/defect.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

namespace auditgate::gateway::intake {
namespace {

namespace fs = std::filesystem;

class watching_thread final : public directory_watch {
public:
    watching_thread(directory_config directory, const file_services& with, observe::metrics& metrics,
                    observe::logger& log)
        : directory_(std::move(directory)), with_(with), log_(log), settling_(directory_.settle),
          ready_(std::chrono::milliseconds(0)),
          done_(metrics.counter("auditgate_files_total", "Files of watched directories taken or failed",
                                {{"directory", directory_.name}, {"outcome", "done"}})),
          failed_(metrics.counter("auditgate_files_total", "Files of watched directories taken or failed",
                                  {{"directory", directory_.name}, {"outcome", "failed"}})),
          findings_(metrics.counter("auditgate_file_findings_total",
                                    "Findings about files as a whole, such as counts that differ",
                                    {{"directory", directory_.name}})),
          waiting_(metrics.gauge("auditgate_files_waiting", "Files that lie in a watched directory",
                                 {{"directory", directory_.name}})),
          waiting_age_(metrics.gauge("auditgate_files_waiting_age_seconds",
                                     "For how long the oldest of them has lain there",
                                     {{"directory", directory_.name}})),
          in_failed_(metrics.gauge("auditgate_files_in_failed",
                                   "Files that lie in failed/ of a watched directory",
                                   {{"directory", directory_.name}})),
          thread_([this] { run(); }) {}

    ~watching_thread() override { watching_thread::stop(); }

    void stop() override {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }

private:
    void run() {
        while (!stopping_) {
            try {
                look();
            } catch (...) {
                log_.error(
                    "task-failed", "a defect ended a round of a watched directory: please report it",
                    {{"directory", directory_.name}, {"type", observe::type_name(std::current_exception())}});
            }
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, directory_.poll, [this] { return stopping_.load(); });
        }
    }

    void look() {
        const auto now = std::chrono::steady_clock::now();
        const std::vector<listed_file> handed = list(directory_.path / ready_folder);
        const std::vector<listed_file> written = list(directory_.path);
        for (const std::string& name : ready_.settled(handed, now))
            take(directory_.path / ready_folder / name);
        for (const std::string& name : settling_.settled(written, now))
            take(directory_.path / name);
        measure();
    }

    std::vector<listed_file> list(const fs::path& folder) {
        std::error_code failure;
        std::vector<listed_file> files = files_to_take(folder, directory_.pattern, failure);
        tell_of_folder(folder, failure);
        return files;
    }

    // Told once each time that files begin to lie there for too long. Which, and why, `file-waits` told when it failed first.
    void measure() {
        const auto contents = contents_of(directory_);
        if (!contents)
            return; // the folders that are looked into are told of by list()
        const auto age = contents->waiting_age(with_.now());
        waiting_.set(static_cast<double>(contents->waiting));
        waiting_age_.set(std::chrono::duration<double>(age).count());
        in_failed_.set(static_cast<double>(contents->failed));
        const bool too_long = age > waiting_age_max;
        if (too_long && !wait_too_long_)
            log_.warning(
                "files-wait-long",
                "files lie in a watched directory for over an hour and are not taken: file-waits tells "
                "why",
                {{"directory", directory_.name}, {"files", contents->waiting}});
        wait_too_long_ = too_long;
    }

    // Once when a folder cannot be read any more, and once when it can be again.
    void tell_of_folder(const fs::path& folder, const std::error_code& failure) {
        if (failure && unreadable_.insert(folder).second)
            log_.error("directory-unreadable", "a watched folder cannot be read: " + failure.message(),
                       {{"directory", directory_.name}});
        if (!failure && unreadable_.erase(folder) > 0)
            log_.info("directory-back", "the watched folder can be read again",
                      {{"directory", directory_.name}});
    }

    void take(const fs::path& file) {
        if (stopping_)
            return;
        // What lies there now, so that nothing that comes later is moved away unread.
        const result<file_identity> lies_there = identity_of(file);
        if (!lies_there)
            return; // taken back by its sender
        if (const auto may = may_file(directory_.path); !may) {
            tell_of_failure(file, may.error());
            return;
        }
        const result<file_report> taken = take_file(file, directory_, with_, stopping_);
        if (!taken) {
            tell_of_failure(file, taken.error());
            return;
        }
        if (const auto moved = file_away(file, *lies_there, directory_.path, *taken); !moved) {
            tell_of_failure(file, moved.error());
            return;
        }
        troubled_.erase(file);
        tell(*taken);
    }

    // A file that cannot be taken now is tried again at every look: told once.
    void tell_of_failure(const fs::path& file, const error& why) {
        if (!stopping_ && troubled_.insert(file).second)
            log_.warning("file-waits", why.message, {{"directory", directory_.name}});
    }

    // By the digest that begins its name now: a name may tell more than a log should hold.
    void tell(const file_report& report) {
        (report.taken() ? done_ : failed_).add();
        findings_.add(static_cast<double>(report.findings.size()));
        if (!report.taken())
            log_.error("file-failed", report.findings.front().text,
                       {{"directory", directory_.name}, {"file", report.digest}, {"reason", report.failure}});
        else
            log_.info(
                "file-taken", "every message of a file is journaled",
                {{"directory", directory_.name}, {"file", report.digest}, {"messages", report.messages}});
        for (const file_finding& one : report.findings)
            if (report.taken())
                log_.warning("file-finding", one.text,
                             {{"directory", directory_.name}, {"file", report.digest}, {"code", one.code}});
    }

    const directory_config directory_;
    const file_services with_;
    observe::logger& log_;
    directory_settling settling_;
    directory_settling ready_;
    const observe::counter done_, failed_, findings_;
    const observe::gauge waiting_, waiting_age_, in_failed_;
    std::set<fs::path> unreadable_;
    std::set<fs::path> troubled_;
    bool wait_too_long_ = false;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace

result<std::unique_ptr<directory_watch>> start_directory_watch(const directory_config& directory,
                                                               const file_services& with,
                                                               observe::metrics& metrics,
                                                               observe::logger& log) {
    for (const char* folder : {ready_folder, done_folder, failed_folder}) {
        std::error_code failure;
        fs::create_directories(directory.path / folder, failure);
        if (failure)
            return error{errc::configuration, "directory `" + directory.name + "`: cannot make " +
                                                  (directory.path / folder).string() + ": " +
                                                  failure.message()};
    }
    return std::make_unique<watching_thread>(directory, with, metrics, log);
}

} // namespace auditgate::gateway::intake
