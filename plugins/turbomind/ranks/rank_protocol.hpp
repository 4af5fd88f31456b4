// What rank 0 and the processes of the other ranks say to each other. Each rank has two connections to
// rank 0: one for work, in strict order, and one on which both sides show that they are alive.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "turbomind/executor.hpp"
#include "turbomind/host_memory.hpp"
#include "turbomind/ranks/socket.hpp"

namespace turbomind {

// Message::kind.
enum RankMessage : std::uint32_t {
  kHello,       // rank -> 0, first on each connection
  kOpen,        // 0 -> rank: OpenOrder
  kOpened,      // rank -> 0: HostMemory, of where it will compute
  kLoad,        // 0 -> rank: ExecutorLimits
  kLoaded,      // rank -> 0: MemoryUse
  kFailed,      // either way, on the line of life alone: RankFailure
  kPlan,        // 0 -> rank: a step plan
  kCollective,  // either way: the data of one
  kBye,         // 0 -> rank: the engine ends
};

enum class Line : std::uint32_t { work, life };

struct Hello {
  std::string build;   // both sides must be of the same source
  std::string secret;  // which engine is meant: a stranger does not know it
  std::uint32_t rank = 0;
  Line line = Line::work;
};

// An option of the engine with its text owned.
struct OwnedOption {
  std::string key;
  lmbench::ValueType type = lmbench::ValueType::text;
  std::int64_t integer = 0;  // also the bits of a real
  std::string text;
};

std::vector<OwnedOption> own(lmbench::ConfigView config);

// Entries point into the options.
std::vector<lmbench::ConfigEntry> view_of(const std::vector<OwnedOption>& options);

struct OpenOrder {
  std::vector<OwnedOption> options;
  std::uint32_t ranks = 0;
  bool uses_gpus = false;  // as rank 0 has decided for all
};

struct RankFailure {
  lmbench::Code code = lmbench::Code::internal;
  std::string text;
};

std::vector<std::byte> serialise(const Hello& hello);
std::vector<std::byte> serialise(const OpenOrder& order);
std::vector<std::byte> serialise(const HostMemory& memory);
std::vector<std::byte> serialise(const ExecutorLimits& limits);
std::vector<std::byte> serialise(const MemoryUse& use);
std::vector<std::byte> serialise(const RankFailure& failure);

// Throw Error(internal) for what is truncated or of another form.
Hello parse_hello(std::span<const std::byte> bytes);
OpenOrder parse_open_order(std::span<const std::byte> bytes);
HostMemory parse_host_memory(std::span<const std::byte> bytes);
ExecutorLimits parse_executor_limits(std::span<const std::byte> bytes);
MemoryUse parse_memory_use(std::span<const std::byte> bytes);
RankFailure parse_rank_failure(std::span<const std::byte> bytes);

constexpr double kStepTimeoutS = 60;  // of an exchange on hosts: half of a layer lies between two
constexpr std::size_t kMostHelloBytes = 4096;  // and of a call
constexpr std::size_t kMostMessageBytes = std::size_t{1} << 32U;

// Digits of the sources that this was built from, and of how.
const char* rank_build();

// What only those who were told know.
std::string new_secret();

// What a new connection says of itself; nothing from a stranger, or from one that says nothing within
// two seconds.
std::optional<Hello> receive_hello(const Socket& socket);

// The next message, which must be of a kind. Throws Error with the rank's number in front.
void expect_message(const Socket& socket, std::uint32_t kind, std::uint32_t rank, Message& message,
                    Deadline deadline);

}  // namespace turbomind
