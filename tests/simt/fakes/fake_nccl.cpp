// NCCL over a FakeGpu: ranks are threads of this process. A collective is done when all have arrived,
// by whoever looks next: sums in rank order, in fp32, rounded once.
// SPDX-License-Identifier: Apache-2.0
#include "fake_nccl.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fake_gpu.hpp"
#include "half_element.hpp"
#include "turbomind/cuda/nccl_library.hpp"

namespace {

using lmbench::test::Element;
using lmbench::test::load;
using lmbench::test::store;

struct Part {
  const void* source = nullptr;
  void* target = nullptr;
};

// The n-th collective of a group.
struct Collective {
  std::vector<Part> parts;  // by rank
  int arrived = 0;
  bool is_done = false;
};

struct Group {
  explicit Group(int count) : ranks(count), next(static_cast<std::size_t>(count)) {}

  int ranks;
  int connected = 0;
  bool is_broken = false;
  std::vector<std::uint64_t> next;  // of each rank: its next collective
  std::map<std::uint64_t, Collective> under_way;
};

struct World {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Group>> groups;  // by unique id
  std::uint64_t last_id = 0;
  std::map<int, int> silent_from;
  std::map<int, int> broken_from;
  std::map<int, int> count;
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

void sum(const std::vector<Part>& parts, std::size_t count, ncclDataType_t type) {
  for (std::size_t i = 0; i < count; ++i) {
    float total = 0;
    for (const Part& part : parts) total += load(part.source, element_of(type), i);
    for (const Part& part : parts) store(part.target, element_of(type), i, total);
  }
}

void gather(const std::vector<Part>& parts, std::size_t bytes) {
  for (const Part& to : parts) {
    auto* target = static_cast<char*>(to.target);
    for (const Part& from : parts) {
      std::memcpy(target, from.source, bytes);
      target += bytes;
    }
  }
}

}  // namespace

struct ncclComm {
  std::shared_ptr<Group> group;
  int rank;
  std::shared_ptr<bool> is_aborted = std::make_shared<bool>(false);
};

namespace {

using Finish = std::function<void(const std::vector<Part>&)>;

ncclResult_t queue_collective(ncclComm_t communicator, cudaStream_t stream, const Part& part,
                              Finish finish) {
  const std::shared_ptr<Group> group = communicator->group;
  const int rank = communicator->rank;
  const std::shared_ptr<bool> is_aborted = communicator->is_aborted;
  const auto make = [=]() -> lmbench::test::StreamWork {
    auto number = std::make_shared<std::int64_t>(-1);
    return [=]() {
      const std::lock_guard lock(world().mutex);
      if (*is_aborted) return true;
      if (*number < 0) {
        const int count = world().count[rank] + 1;
        const auto silent = world().silent_from.find(rank);
        if (silent != world().silent_from.end() && count >= silent->second) return false;
        const auto broken = world().broken_from.find(rank);
        if (broken != world().broken_from.end() && count >= broken->second) {
          group->is_broken = true;
          return false;
        }
        world().count[rank] = count;
        *number = static_cast<std::int64_t>(group->next[static_cast<std::size_t>(rank)]++);
        Collective& own = group->under_way[static_cast<std::uint64_t>(*number)];
        own.parts.resize(static_cast<std::size_t>(group->ranks));
        own.parts[static_cast<std::size_t>(rank)] = part;
        ++own.arrived;
      }
      Collective& collective = group->under_way[static_cast<std::uint64_t>(*number)];
      if (!collective.is_done && collective.arrived == group->ranks) {
        finish(collective.parts);
        collective.is_done = true;
      }
      return collective.is_done;
    };
  };
  lmbench::test::queue_work(stream, make);
  return ncclSuccess;
}

}  // namespace

ncclResult_t ncclGetVersion(int* version) {
  *version = 22809;
  return ncclSuccess;
}

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  const std::lock_guard lock(world().mutex);
  std::memset(id, 0, sizeof *id);
  std::memcpy(id->internal, &++world().last_id, sizeof world().last_id);
  return ncclSuccess;
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t* communicator, int ranks, ncclUniqueId id, int rank,
                                    ncclConfig_t* config) {
  if (config->blocking != 0) return ncclInvalidArgument;
  const std::lock_guard lock(world().mutex);
  std::shared_ptr<Group>& group = world().groups[std::string(id.internal, sizeof id.internal)];
  if (group == nullptr) group = std::make_shared<Group>(ranks);
  ++group->connected;
  *communicator = new ncclComm{group, rank};
  return ncclInProgress;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t communicator, ncclResult_t* error) {
  const std::lock_guard lock(world().mutex);
  const Group& group = *communicator->group;
  *error = group.is_broken                 ? ncclRemoteError
           : group.connected < group.ranks ? ncclInProgress
                                           : ncclSuccess;
  return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t communicator) {
  const std::lock_guard lock(world().mutex);
  *communicator->is_aborted = true;
  delete communicator;
  return ncclSuccess;
}

ncclResult_t ncclAllReduce(const void* source, void* target, std::size_t count, ncclDataType_t type,
                           ncclRedOp_t /*operation*/, ncclComm_t communicator,
                           cudaStream_t stream) {
  if (!lmbench::test::is_device_memory(source, count * bytes_of(type))) return ncclInvalidArgument;
  return queue_collective(communicator, stream, {source, target},
                          [=](const std::vector<Part>& parts) { sum(parts, count, type); });
}

ncclResult_t ncclAllGather(const void* source, void* target, std::size_t count, ncclDataType_t type,
                           ncclComm_t communicator, cudaStream_t stream) {
  const std::size_t bytes = count * bytes_of(type);
  if (!lmbench::test::is_device_memory(source, bytes)) return ncclInvalidArgument;
  return queue_collective(communicator, stream, {source, target},
                          [=](const std::vector<Part>& parts) { gather(parts, bytes); });
}

const char* ncclGetErrorString(ncclResult_t result) {
  return result == ncclRemoteError ? "remote error" : "another error";
}

namespace lmbench::test {

void FakeNccl::reset() {
  const std::lock_guard lock(world().mutex);
  world().groups.clear();
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
