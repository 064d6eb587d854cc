#include "gateway/delivery/deliveries.hpp"

#include <utility>

namespace auditgate::gateway::delivery {

namespace {

destination destination_of(const destination_config& from) {
    destination to;
    to.name = from.name;
    to.endpoint.base_url = from.url;
    to.endpoint.authorities_file = from.authorities_file;
    to.endpoint.token_file = from.token_file;
    to.schedule = from.settings.release;
    to.concurrency = from.connections;
    return to;
}

} // namespace

result<std::unique_ptr<deliveries>> deliveries::create(const configuration& from, store::store& outbox,
                                                       observe::logger& log, observe::metrics& metrics,
                                                       observe::clock_function now) {
    std::unique_ptr<deliveries> made(new deliveries);
    for (const destination_config& config : from.settings.destinations) {
        one next;
        const opt_out_config& files = config.opt_out_files;
        next.opt_outs = std::make_unique<opt_out_list>(
            opt_out_files{files.request, files.response, files.dissent}, from.mapping->local_date, log);
        next.gate = create_release_gate(config.settings, next.opt_outs.get(), from.mapping->local_date);
        auto worker =
            delivery::create(destination_of(config), {outbox, from.layouts, *next.gate, log, metrics, now});
        if (!worker)
            return error{worker.error().code, "destination `" + config.name + "`: " + worker.error().message};
        next.worker = std::move(*worker);
        made->all_.push_back(std::move(next));
    }
    return made;
}

void deliveries::start() {
    for (one& each : all_)
        each.worker->start();
}

void deliveries::stop() {
    for (one& each : all_)
        each.worker->stop();
}

void deliveries::notify() {
    for (one& each : all_)
        each.worker->notify();
}

} // namespace auditgate::gateway::delivery
