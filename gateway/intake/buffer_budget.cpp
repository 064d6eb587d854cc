#include "gateway/intake/buffer_budget.hpp"

namespace auditgate::gateway::intake {

void buffer_budget::share::hold(std::size_t bytes) {
    of_->bytes_ += bytes - bytes_; // unsigned: also when it is less
    bytes_ = bytes;
    if (bytes <= free_bytes) {
        const share* self = this;
        of_->goes_on_.compare_exchange_strong(self, nullptr);
    }
}

bool buffer_budget::share::may_grow() {
    if (bytes_ <= free_bytes || of_->bytes_ < of_->bytes_max_)
        return true;
    const share* nobody = nullptr;
    return of_->goes_on_.compare_exchange_strong(nobody, this) || nobody == this;
}

} // namespace auditgate::gateway::intake
