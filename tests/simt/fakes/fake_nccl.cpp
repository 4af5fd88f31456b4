// NCCL over FakeGpus: ranks are threads of a process, or processes of a host, that meet in a file of shared
// memory. For a collective each rank puts its data there; who finds all there takes what it needs: sums in
// rank order, in fp32, rounded once.
// SPDX-License-Identifier: Apache-2.0
#include "fake_nccl.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fake_gpu.hpp"
#include "half_element.hpp"
#include "turbomind/cuda/nccl_library.hpp"

namespace {

using lmbench::test::Element;
using lmbench::test::load;
using lmbench::test::store;

constexpr int kMostRanks = 8;
constexpr std::size_t kMostBytes = std::size_t{2} << 20U;  // of a rank's part
constexpr std::size_t kParts = 2;  // a rank is at most one collective ahead of another

// Lives in shared memory, which begins as zeros.
struct Shared {
  struct Rank {
    std::atomic<std::uint64_t> given;  // collectives whose data it has put here
    std::atomic<std::uint64_t> taken;  // collectives that it has finished
    std::array<std::array<char, kMostBytes>, kParts> data;
  };

  std::atomic<int> connected;
  std::atomic<bool> is_broken;
  std::array<Rank, kMostRanks> ranks;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// A communicator's place in shared memory.
class Meeting {
 public:
  Meeting(const std::string& name, bool is_new) {
    const int file = shm_open(name.c_str(), is_new ? O_CREAT | O_EXCL | O_RDWR : O_RDWR, 0600);
    if (file < 0) return;
    if (!is_new || ftruncate(file, sizeof(Shared)) == 0) {
      void* const memory =
          mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      if (memory != MAP_FAILED) shared_ = static_cast<Shared*>(memory);
    }
    close(file);
  }
  ~Meeting() {
    if (shared_ != nullptr) munmap(shared_, sizeof(Shared));
  }
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;

  Shared* shared() const { return shared_; }
 private:
  Shared* shared_ = nullptr;
};

class Collective;

struct World {
  World();
  ~World() { forget(); }

  void forget() {
    for (const std::string& name : names) shm_unlink(name.c_str());
    names.clear();
  }

  std::mutex mutex;
  std::vector<std::string> names;  // made by this process
  std::uint64_t last_id = 0;
  std::map<int, int> silent_from;
  std::map<int, int> broken_from;
  std::map<int, int> count;
  std::set<const Collective*> waiting;  // that have given, and may wait for others
};

World& world() {
  static World instance;
  return instance;
}

std::size_t bytes_of(ncclDataType_t type) {
  switch (type) {
    case ncclUint8:
      return 1;
    case ncclFloat32:
      return 4;
    default:
      return 2;
  }
}

Element element_of(ncclDataType_t type) {
  if (type == ncclFloat32) return Element::fp32;
  return type == ncclFloat16 ? Element::fp16 : Element::bf16;
}

// What the ranks have put into a collective, by rank.
using Parts = std::vector<const char*>;

void sum(const Parts& parts, std::size_t count, ncclDataType_t type, void* target) {
  for (std::size_t i = 0; i < count; ++i) {
    float total = 0;
    for (const char* const part : parts) total += load(part, element_of(type), i);
    store(target, element_of(type), i, total);
  }
}

void gather(const Parts& parts, std::size_t bytes, void* target) {
  auto* next = static_cast<char*>(target);
  for (const char* const part : parts) {
    std::memcpy(next, part, bytes);
    next += bytes;
  }
}

}  // namespace

struct ncclComm {
  std::shared_ptr<Meeting> meeting;
  int rank;
  int ranks;
  // As many owners as there are copies, in queues and in graphs.
  std::shared_ptr<std::atomic<bool>> is_aborted = std::make_shared<std::atomic<bool>>(false);
};

namespace {

// False: the rank was told not to take part in its next collective.
bool takes_part(int rank, Shared& shared) {
  const std::lock_guard lock(world().mutex);
  const int next = world().count[rank] + 1;
  const auto is_told = [&](const std::map<int, int>& from) {
    const auto found = from.find(rank);
    return found != from.end() && next >= found->second;
  };
  if (is_told(world().broken_from)) shared.is_broken = true;
  if (is_told(world().silent_from) || is_told(world().broken_from)) return false;
  world().count[rank] = next;
  return true;
}

// One run of one rank's part in a collective.
class Collective {
 public:
  using Finish = std::function<void(const Parts&)>;

  Collective(const ncclComm& communicator, const void* source, std::size_t bytes, Finish finish)
      : communicator_(communicator), source_(source), bytes_(bytes), finish_(std::move(finish)) {}

  ~Collective() { forget(); }
  Collective(const Collective&) = delete;
  Collective& operator=(const Collective&) = delete;

  bool run() {
    const bool is_done = *communicator_.is_aborted || ((has_given_ || give()) && take());
    if (is_done) forget();
    return is_done;
  }

  // For another rank, whether or not this one has looked.
  bool waits() const {
    return !*communicator_.is_aborted && !shared().is_broken &&
           !all([&](const Shared::Rank& r) { return r.given > number_; });
  }
 private:
  Shared& shared() const { return *communicator_.meeting->shared(); }
  Shared::Rank& own() const { return shared().ranks[static_cast<std::size_t>(communicator_.rank)]; }

  template <class Holds>
  bool all(const Holds& holds) const {
    for (int r = 0; r < communicator_.ranks; ++r) {
      if (!holds(shared().ranks[static_cast<std::size_t>(r)])) return false;
    }
    return true;
  }

  bool give() {
    number_ = own().given;
    const bool has_room = all([&](const Shared::Rank& r) { return r.taken + kParts > number_; });
    if (!has_room || !takes_part(communicator_.rank, shared())) return false;
    std::memcpy(own().data[number_ % kParts].data(), source_, bytes_);
    own().given = number_ + 1;
    has_given_ = true;
    const std::lock_guard lock(world().mutex);
    world().waiting.insert(this);
    return true;
  }

  bool take() {
    if (!all([&](const Shared::Rank& r) { return r.given > number_; })) return false;
    Parts parts;
    for (int r = 0; r < communicator_.ranks; ++r) {
      parts.push_back(shared().ranks[static_cast<std::size_t>(r)].data[number_ % kParts].data());
    }
    finish_(parts);
    own().taken = number_ + 1;
    return true;
  }

  void forget() const {
    if (!has_given_) return;
    const std::lock_guard lock(world().mutex);
    world().waiting.erase(this);
  }

  ncclComm communicator_;
  const void* source_;
  std::size_t bytes_;
  Finish finish_;
  std::uint64_t number_ = 0;
  bool has_given_ = false;
};

World::World() {
  lmbench::test::watch_collectives([this] {
    const std::lock_guard lock(mutex);
    return std::any_of(waiting.begin(), waiting.end(),
                       [](const Collective* c) { return c->waits(); });
  });
}

ncclResult_t queue_collective(ncclComm_t communicator, cudaStream_t stream, const void* source,
                              std::size_t bytes, Collective::Finish finish) {
  if (bytes > kMostBytes || !lmbench::test::is_device_memory(source, bytes)) {
    return ncclInvalidArgument;
  }
  lmbench::test::queue_work(stream,
                            [copy = *communicator, source, bytes,
                             finish = std::move(finish)]() -> lmbench::test::StreamWork {
                              auto collective =
                                  std::make_shared<Collective>(copy, source, bytes, finish);
                              return [collective] { return collective->run(); };
                            });
  return ncclSuccess;
}

}  // namespace

ncclResult_t ncclGetVersion(int* version) {
  *version = 22809;
  return ncclSuccess;
}

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  const std::lock_guard lock(world().mutex);
  const std::string name =
      "/lmbench_fake_nccl_" + std::to_string(getpid()) + '_' + std::to_string(++world().last_id);
  world().names.push_back(name);
  if (Meeting(name, true).shared() == nullptr) return ncclSystemError;
  std::memset(id, 0, sizeof *id);
  std::memcpy(id->internal, name.data(), name.size());
  return ncclSuccess;
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t* communicator, int ranks, ncclUniqueId id, int rank,
                                    ncclConfig_t* config) {
  if (config->blocking != 0 || ranks > kMostRanks) return ncclInvalidArgument;
  auto meeting = std::make_shared<Meeting>(id.internal, false);
  if (meeting->shared() == nullptr) return ncclSystemError;
  ++meeting->shared()->connected;
  *communicator = new ncclComm{std::move(meeting), rank, ranks};
  return ncclInProgress;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t communicator, ncclResult_t* error) {
  const Shared& shared = *communicator->meeting->shared();
  *error = shared.is_broken                         ? ncclRemoteError
           : shared.connected < communicator->ranks ? ncclInProgress
                                                    : ncclSuccess;
  return ncclSuccess;
}

// Ends what runs, and returns when no graph holds a collective of it any longer.
ncclResult_t ncclCommAbort(ncclComm_t communicator) {
  const std::shared_ptr<std::atomic<bool>> is_aborted = communicator->is_aborted;
  *is_aborted = true;
  delete communicator;
  constexpr std::chrono::seconds kPatience{60};
  const auto begin = std::chrono::steady_clock::now();
  while (is_aborted.use_count() > 1) {
    if (std::chrono::steady_clock::now() - begin > kPatience) {
      lmbench::test::complain("ncclCommAbort waits for graphs that nobody destroys");
      return ncclSystemError;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return ncclSuccess;
}

ncclResult_t ncclAllReduce(const void* source, void* target, std::size_t count, ncclDataType_t type,
                           ncclRedOp_t /*operation*/, ncclComm_t communicator,
                           cudaStream_t stream) {
  return queue_collective(communicator, stream, source, count * bytes_of(type),
                          [=](const Parts& parts) { sum(parts, count, type, target); });
}

ncclResult_t ncclAllGather(const void* source, void* target, std::size_t count, ncclDataType_t type,
                           ncclComm_t communicator, cudaStream_t stream) {
  const std::size_t bytes = count * bytes_of(type);
  return queue_collective(communicator, stream, source, bytes,
                          [=](const Parts& parts) { gather(parts, bytes, target); });
}

const char* ncclGetErrorString(ncclResult_t result) {
  return result == ncclRemoteError ? "remote error" : "another error";
}

namespace lmbench::test {

void FakeNccl::reset() {
  const std::lock_guard lock(world().mutex);
  world().forget();
  world().silent_from.clear();
  world().broken_from.clear();
  world().count.clear();
}

void FakeNccl::silence(int rank, int n) {
  const std::lock_guard lock(world().mutex);
  world().silent_from[rank] = n;
}

void FakeNccl::break_at(int rank, int n) {
  const std::lock_guard lock(world().mutex);
  world().broken_from[rank] = n;
}

int FakeNccl::collectives(int rank) {
  const std::lock_guard lock(world().mutex);
  return world().count[rank];
}

}  // namespace lmbench::test

namespace turbomind::cuda {

const NcclLibrary& nccl_library() {
  static const NcclLibrary library{.get_version = ncclGetVersion,
                                   .get_unique_id = ncclGetUniqueId,
                                   .comm_init_rank_config = ncclCommInitRankConfig,
                                   .comm_get_async_error = ncclCommGetAsyncError,
                                   .comm_abort = ncclCommAbort,
                                   .all_reduce = ncclAllReduce,
                                   .all_gather = ncclAllGather,
                                   .get_error_string = ncclGetErrorString};
  return library;
}

}  // namespace turbomind::cuda
