// Expected failures of the service are values: result<T> is either a T or an error.
#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace auditgate::gateway {

// What went wrong, for the tables that turn it into an exit code, an HTTP status or a retry.
enum class errc {
    usage = 1,     // the command line is wrong
    configuration, // a file of the configuration is wrong
    store_unavailable, // the store cannot be opened, read or written just now (locked, disk full, connection lost)
    store_corrupt, // the store answers, but what it holds contradicts itself or does not authenticate
    store_version, // the store's schema is newer than this program, or older where it may not be changed
    wrong_key,     // the key file does not belong to this store, or a key is missing
    not_found,     // nothing is stored under that name
    network,       // a peer cannot be reached, or broke the connection
    protocol,      // a peer answered something that the protocol does not allow
    refused,       // a peer understood and said no
    lease_lost,    // another worker has the lease by now; what was done under it must not be recorded
};

// `message` says what happened and what to do next, in words for the person who operates the gateway. It never holds
// a patient's data: neither values of messages nor keys derived from them.
struct error {
    errc code{};
    std::string message;
};

template <class T>
using result = boost::system::result<T, error>;

// boost::system::result needs to know what to throw from value() of a failed result; we never let it happen.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

} // namespace auditgate::gateway
