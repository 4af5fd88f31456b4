// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/rank_meeting.hpp"

#include <lmbench/plugin.hpp>
#include <span>
#include <string>
#include <vector>

#include "turbomind/cuda/device_probe.hpp"

namespace turbomind::cuda {
namespace {

// What a rank tells the others.
struct Introduction {
  RankMeetingId id;  // of rank 0
  DeviceUuid device;
};

void check_distinct(const std::vector<Introduction>& ranks) {
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (ranks[i].device != ranks[j].device) continue;
      throw lmbench::sdk::Error(lmbench::Code::invalid_argument,
                                "ranks " + std::to_string(j) + " and " + std::to_string(i) +
                                    " have the same GPU: let each see its own "
                                    "(CUDA_VISIBLE_DEVICES), or start fewer ranks on the host");
    }
  }
}

}  // namespace

RankMeetingId meet(Communicator& hosts, std::uint32_t device) {
  try {
    Introduction own{};
    if (hosts.rank() == 0) own.id = make_meeting_id();
    own.device = uuid_of_device(device);
    std::vector<Introduction> ranks(hosts.ranks());
    hosts.all_gather(std::as_bytes(std::span(&own, 1)), std::as_writable_bytes(std::span(ranks)));
    check_distinct(ranks);
    return ranks[0].id;
  } catch (...) {
    hosts.abort();
    throw;
  }
}

}  // namespace turbomind::cuda
