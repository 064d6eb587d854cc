// How intake tells the mapping that there is something to do.
#pragma once

namespace auditgate::gateway::intake {

class work_signal {
public:
    virtual ~work_signal() = default;

    // At least one message has been committed to the journal since the last call. Any thread; never blocks.
    virtual void work_arrived() = 0;
};

} // namespace auditgate::gateway::intake
