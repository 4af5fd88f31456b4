// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/rank_protocol.hpp"

#include <bit>
#include <lmbench/plugin.hpp>
#include <random>

#include "turbomind/scheduler/wire_format.hpp"

namespace turbomind {

using lmbench::sdk::abi;
using lmbench::sdk::Error;
using lmbench::sdk::view;

std::vector<OwnedOption> own(lmbench::ConfigView config) {
  std::vector<OwnedOption> options;
  for (std::uint64_t i = 0; i < config.size; ++i) {
    const lmbench::ConfigEntry& entry = config.data[i];
    OwnedOption& option = options.emplace_back();
    option.key = view(entry.key);
    option.type = entry.type;
    option.integer = entry.type == lmbench::ValueType::real
                         ? std::bit_cast<std::int64_t>(entry.number.real)
                         : entry.number.integer;
    if (entry.type == lmbench::ValueType::text) option.text = view(entry.text);
  }
  return options;
}

std::vector<lmbench::ConfigEntry> view_of(const std::vector<OwnedOption>& options) {
  std::vector<lmbench::ConfigEntry> entries;
  for (const OwnedOption& option : options) {
    lmbench::ConfigEntry& entry = entries.emplace_back();
    entry.key = abi(option.key);
    entry.type = option.type;
    entry.text = abi(option.text);
    if (option.type == lmbench::ValueType::real) {
      entry.number.real = std::bit_cast<double>(option.integer);
    } else {
      entry.number.integer = option.integer;
    }
  }
  return entries;
}

std::vector<std::byte> serialise(const Hello& hello) {
  WireWriter out;
  out.put_text(hello.build);
  out.put_text(hello.secret);
  out.put(hello.rank);
  out.put(static_cast<std::uint32_t>(hello.line));
  return out.take();
}

Hello parse_hello(std::span<const std::byte> bytes) {
  WireReader in(bytes, "hello of a rank");
  Hello hello;
  hello.build = in.get_text();
  hello.secret = in.get_text();
  hello.rank = in.get<std::uint32_t>();
  const auto line = in.get<std::uint32_t>();
  if (line > 1) refuse_wire("hello of a rank", "an unknown line");
  hello.line = static_cast<Line>(line);
  in.finish();
  return hello;
}

std::vector<std::byte> serialise(const OpenOrder& order) {
  WireWriter out;
  out.put(static_cast<std::uint32_t>(order.options.size()));
  for (const OwnedOption& option : order.options) {
    out.put_text(option.key);
    out.put(static_cast<std::uint32_t>(option.type));
    out.put(option.integer);
    out.put_text(option.text);
  }
  out.put(order.ranks);
  out.put(static_cast<std::uint32_t>(order.uses_gpus));
  return out.take();
}

OpenOrder parse_open_order(std::span<const std::byte> bytes) {
  WireReader in(bytes, "order to open");
  OpenOrder order;
  constexpr std::size_t kLeastOptionBytes = 20;
  const std::size_t count = in.get_count(kLeastOptionBytes);
  for (std::size_t i = 0; i < count; ++i) {
    OwnedOption& option = order.options.emplace_back();
    option.key = in.get_text();
    const auto type = in.get<std::uint32_t>();
    if (type > static_cast<std::uint32_t>(lmbench::ValueType::text)) {
      refuse_wire("order to open", "an unknown type");
    }
    option.type = static_cast<lmbench::ValueType>(type);
    option.integer = in.get<std::int64_t>();
    option.text = in.get_text();
  }
  order.ranks = in.get<std::uint32_t>();
  order.uses_gpus = in.get<std::uint32_t>() != 0;
  in.finish();
  return order;
}

std::vector<std::byte> serialise(const HostMemory& memory) {
  WireWriter out;
  out.put(memory.total_bytes);
  out.put(memory.free_bytes);
  return out.take();
}

HostMemory parse_host_memory(std::span<const std::byte> bytes) {
  WireReader in(bytes, "memory of a rank");
  HostMemory memory;
  memory.total_bytes = in.get<std::uint64_t>();
  memory.free_bytes = in.get<std::uint64_t>();
  in.finish();
  return memory;
}

std::vector<std::byte> serialise(const ExecutorLimits& limits) {
  WireWriter out;
  out.put(limits.max_slots);
  out.put(limits.max_sequence_tokens);
  out.put(limits.max_prefill_tokens);
  out.put(limits.page_count);
  return out.take();
}

ExecutorLimits parse_executor_limits(std::span<const std::byte> bytes) {
  WireReader in(bytes, "limits of a rank");
  ExecutorLimits limits;
  limits.max_slots = in.get<std::uint32_t>();
  limits.max_sequence_tokens = in.get<std::uint32_t>();
  limits.max_prefill_tokens = in.get<std::uint32_t>();
  limits.page_count = in.get<std::uint32_t>();
  in.finish();
  return limits;
}

std::vector<std::byte> serialise(const MemoryUse& use) {
  WireWriter out;
  out.put(use.weight_bytes);
  out.put(use.kv_bytes);
  out.put(use.workspace_bytes);
  return out.take();
}

MemoryUse parse_memory_use(std::span<const std::byte> bytes) {
  WireReader in(bytes, "memory use");
  MemoryUse use;
  use.weight_bytes = in.get<std::uint64_t>();
  use.kv_bytes = in.get<std::uint64_t>();
  use.workspace_bytes = in.get<std::uint64_t>();
  in.finish();
  return use;
}

std::vector<std::byte> serialise(const RankFailure& failure) {
  WireWriter out;
  out.put(static_cast<std::int32_t>(failure.code));
  out.put_text(failure.text);
  return out.take();
}

RankFailure parse_rank_failure(std::span<const std::byte> bytes) {
  WireReader in(bytes, "failure of a rank");
  RankFailure failure;
  failure.code = static_cast<lmbench::Code>(in.get<std::int32_t>());
  failure.text = in.get_text();
  in.finish();
  return failure;
}

std::string new_secret() {
  std::random_device random;
  std::string secret;
  for (int i = 0; i < 32; ++i) secret += "0123456789abcdef"[random() % 16];
  return secret;
}

std::optional<Hello> receive_hello(const Socket& socket) {
  constexpr double kTimeoutS = 2;  // a stranger that says nothing holds nobody up for long
  try {
    Message message;
    receive_message(socket, message, kMostHelloBytes, after_seconds(kTimeoutS));
    if (message.kind != kHello) return std::nullopt;
    return parse_hello(message.bytes);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void expect_message(const Socket& socket, std::uint32_t kind, std::uint32_t rank, Message& message,
                    Deadline deadline) {
  const std::string who = "rank " + std::to_string(rank) + ": ";
  try {
    receive_message(socket, message, kMostMessageBytes, deadline);
  } catch (const LineBroken& e) {
    throw LineBroken(who + e.what());
  } catch (const Error& e) {
    throw Error(e.code(), who + e.what());
  }
  if (message.kind == kind) return;
  throw Error(lmbench::Code::internal, who + "message " + std::to_string(message.kind) +
                                           " came in place of " + std::to_string(kind));
}

}  // namespace turbomind
