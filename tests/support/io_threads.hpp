// An I/O context with threads of its own, for tests with real sockets.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>
#include <vector>

namespace auditgate::test {

class io_threads {
public:
    explicit io_threads(int count = 2) : work_(context_.get_executor()) {
        for (int i = 0; i < count; ++i)
            threads_.emplace_back([this] { context_.run(); });
    }
    ~io_threads() {
        work_.reset();
        for (std::thread& thread : threads_)
            thread.join();
    }
    io_threads(const io_threads&) = delete;
    io_threads& operator=(const io_threads&) = delete;

    [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }

private:
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

} // namespace auditgate::test
