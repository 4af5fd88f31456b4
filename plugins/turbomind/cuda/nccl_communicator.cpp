// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/nccl_communicator.hpp"

#include <chrono>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "turbomind/cuda/nccl_library.hpp"
#include "turbomind/monotonic_clock.hpp"

namespace turbomind::cuda {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint64_t kConnectTimeoutNs = 30'000'000'000;

static_assert(sizeof(ncclUniqueId) == sizeof(RankMeetingId));

std::string error_text(ncclResult_t result, const char* function) {
  return std::string(function) + ": " + nccl_library().get_error_string(result);
}

// ncclInProgress is no error of a communicator that does not block.
void check(ncclResult_t result, const char* function) {
  if (result == ncclSuccess || result == ncclInProgress) return;
  throw Error(Code::device_error, error_text(result, function));
}

ncclDataType_t data_type_of(DataType type) {
  return type == DataType::bf16 ? ncclBfloat16 : ncclFloat16;
}

class NcclCommunicator final : public DeviceCommunicator {
 public:
  NcclCommunicator(const RankMeetingId& id, std::shared_ptr<Communicator> hosts,
                   std::shared_ptr<NcclEndings> endings)
      : id_(id), hosts_(std::move(hosts)), endings_(std::move(endings)) {}

  ~NcclCommunicator() override { end(); }

  std::uint32_t rank() const noexcept override { return hosts_->rank(); }
  std::uint32_t ranks() const noexcept override { return hosts_->ranks(); }

  // A communicator that does not block, so that a rank that never comes is an error and no hang.
  void connect() override {
    ncclUniqueId id;
    std::memcpy(&id, id_.data(), sizeof id);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    {
      const std::lock_guard lock(mutex_);
      check(nccl_library().comm_init_rank_config(&communicator_, static_cast<int>(ranks()), id,
                                                 static_cast<int>(rank()), &config),
            "ncclCommInitRankConfig");
    }
    settle("ncclCommInitRankConfig");
  }

  void all_reduce(void* data, std::size_t elements, DataType type, Stream stream) override {
    queue("ncclAllReduce", [&](ncclComm_t communicator) {
      return nccl_library().all_reduce(data, data, elements, data_type_of(type), ncclSum,
                                       communicator, stream);
    });
  }

  void all_gather(const void* data, void* out, std::size_t bytes, Stream stream) override {
    queue("ncclAllGather", [&](ncclComm_t communicator) {
      return nccl_library().all_gather(data, out, bytes, ncclUint8, communicator, stream);
    });
  }

  void barrier() override {
    constexpr std::byte kHere{1};
    std::vector<std::byte> all(ranks());
    hosts_->all_gather(std::span(&kHere, 1), all);
  }

  std::string failure() noexcept override {
    const std::lock_guard lock(mutex_);
    if (communicator_ == nullptr) return "the ranks were told to stop";
    ncclResult_t state = ncclSuccess;
    const ncclResult_t result = nccl_library().comm_get_async_error(communicator_, &state);
    if (result != ncclSuccess) return error_text(result, "ncclCommGetAsyncError");
    if (state == ncclSuccess || state == ncclInProgress) return {};
    return error_text(state, "another rank failed");
  }

  void abort() noexcept override {
    hosts_->abort();
    end();
  }
 private:
  // Under the lock, as abort() of another thread ends what the call works with.
  template <class Call>
  void queue(const char* function, const Call& call) {
    {
      const std::lock_guard lock(mutex_);
      check_alive();
      check(call(communicator_), function);
    }
    settle(function);
  }

  void check_alive() const {
    if (communicator_ != nullptr) return;
    throw Error(Code::device_error, "the ranks were told to stop");
  }

  // Abort, never destroy: a destroy waits for ranks that may be gone.
  void end() noexcept {
    const std::lock_guard lock(mutex_);
    if (communicator_ == nullptr) return;
    endings_->start([communicator = std::exchange(communicator_, nullptr)] {
      nccl_library().comm_abort(communicator);
    });
  }

  // Waits until the call has been taken: at once, but for the first ones, which connect.
  void settle(const char* function) {
    const std::uint64_t begin_ns = monotonic_now_ns();
    while (true) {
      ncclResult_t state = ncclSuccess;
      {
        const std::lock_guard lock(mutex_);
        check_alive();
        check(nccl_library().comm_get_async_error(communicator_, &state), "ncclCommGetAsyncError");
      }
      if (state == ncclSuccess) return;
      check(state, function);
      if (monotonic_now_ns() - begin_ns > kConnectTimeoutNs) {
        throw Error(Code::device_error, std::string(function) + ": rank " + std::to_string(rank()) +
                                            " waited " +
                                            std::to_string(kConnectTimeoutNs / 1'000'000'000) +
                                            " s for the other ranks");
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

  RankMeetingId id_;
  std::shared_ptr<Communicator> hosts_;
  std::shared_ptr<NcclEndings> endings_;
  std::mutex mutex_;  // guards the communicator against abort() from another thread
  ncclComm_t communicator_ = nullptr;
};

}  // namespace

RankMeetingId make_meeting_id() {
  ncclUniqueId id;
  check(nccl_library().get_unique_id(&id), "ncclGetUniqueId");
  RankMeetingId bytes;
  std::memcpy(bytes.data(), &id, sizeof id);
  return bytes;
}

std::unique_ptr<DeviceCommunicator> make_nccl_communicator(const RankMeetingId& id,
                                                           std::shared_ptr<Communicator> hosts,
                                                           std::shared_ptr<NcclEndings> endings) {
  return std::make_unique<NcclCommunicator>(id, std::move(hosts), std::move(endings));
}

}  // namespace turbomind::cuda
