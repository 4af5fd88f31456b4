// Messages as JSON: {"type": "...", "body": {...}}. Keys are the names of the members.
// SPDX-License-Identifier: Apache-2.0
#include "process/protocol.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "error.hpp"

namespace nlohmann {

template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& j, const std::optional<T>& value) {
    if (value) {
      j = *value;
    } else {
      j = nullptr;
    }
  }
  static void from_json(const json& j, std::optional<T>& value) {
    value.reset();
    if (!j.is_null()) value = j.get<T>();
  }
};

// JSON keeps the four types of an option apart: true, 1, 1.0, "1".
template <>
struct adl_serializer<lmbench::scenario::OptionValue> {
  static void to_json(json& j, const lmbench::scenario::OptionValue& value) {
    std::visit([&](const auto& v) { j = v; }, value);
  }
  static void from_json(const json& j, lmbench::scenario::OptionValue& value) {
    if (j.is_boolean()) {
      value = j.get<bool>();
    } else if (j.is_number_integer()) {
      value = j.get<std::int64_t>();
    } else if (j.is_number()) {
      value = j.get<double>();
    } else {
      value = j.get<std::string>();
    }
  }
};

}  // namespace nlohmann

namespace lmbench::run {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outcome, status, reason)
}

namespace lmbench::scenario {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Case, index, case_id, concurrency, prompt_tokens,
                                   completion_tokens)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Sampling, top_k, top_p, temperature)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WarmupLimits, max_rounds, budget_s)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TestLimits, interval_percent, min_rounds, max_rounds, budget_s)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Measure, warmup_rounds, test_rounds, warmup_limits, test_limits,
                                   round_mode, isolate, case_timeout_s, stall_timeout_s,
                                   load_stall_timeout_s, strict)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Prompts, kind, seed, vocab_size, exclude)
}  // namespace lmbench::scenario

namespace lmbench::plugin {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MappedObject, path, sha256, build_id)

}  // namespace lmbench::plugin

namespace lmbench::report {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EngineStat, name, unit, is_counter, value)
}  // namespace lmbench::report

namespace lmbench::process {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DescribeRequest, plugin, options)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadRequest, plugin, options, is_checked)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CaseRequest, plan_case, sampling, measure, prompts, events_file,
                                   requests_file, tokens_file)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GenerateRequest, prompt, max_new_tokens, ignore_eos, sampling,
                                   seed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ConvertRequest, plugin, source, target, options)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ModelFigures, parameters, kv_capacity_tokens,
                                   weight_bytes_per_step, kv_bytes_per_token, read_bytes_per_s,
                                   vocabulary, max_sequence_tokens, max_requests, kv_block_tokens)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PeakFigures, bytes_per_s, flops_per_s, is_measured, device_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MemoryPart, part, device, reserved_bytes, used_bytes, peak_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ClockFacts, read_ns, smallest_step_ns, backward_steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DescribeReply, path, engine_name, engine_version,
                                   source_revision, toolchain, abi_major, abi_minor, capabilities,
                                   model, clock)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadReply, load_s, model, peak, objects)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CaseReply, outcome, flags, engine_is_broken, prompts_sha256,
                                   stop_reason, memory, engine_stats, rss_peak_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FloorReply, median_ns_per_token_batch_1,
                                   p999_ns_per_token_batch_1, median_ns_per_token_batch_64)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GenerateReply, tokens)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FailedReply, outcome)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Heartbeat, stage, fraction, tokens, rounds, warmup_rounds,
                                   half_width_percent)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogLine, level, text)

namespace {

using nlohmann::json;

// In the order of the variants' alternatives.
constexpr std::array<std::string_view, 8> kRequestNames = {
    "describe", "load", "case", "reset", "floor", "quit", "generate", "convert"};
constexpr std::array<std::string_view, 9> kReplyNames = {"described",   "loaded",    "case_ended",
                                                         "floor_known", "generated", "done",
                                                         "failed",      "heartbeat", "log"};
static_assert(kRequestNames.size() == std::variant_size_v<Request>);
static_assert(kReplyNames.size() == std::variant_size_v<Reply>);

template <class Message, std::size_t N>
std::string encode_message(const Message& message, const std::array<std::string_view, N>& names) {
  json j;
  j["type"] = names[message.index()];
  std::visit(
      [&j]<class T>(const T& body) {
        if constexpr (!std::is_empty_v<T>) j["body"] = body;
      },
      message);
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <class Message, std::size_t I = 0>
Message decode_body(std::size_t index, const json& j) {
  if constexpr (I < std::variant_size_v<Message>) {
    using Body = std::variant_alternative_t<I, Message>;
    if (I != index) return decode_body<Message, I + 1>(index, j);
    if constexpr (std::is_empty_v<Body>) {
      return Body{};
    } else {
      return j.at("body").template get<Body>();
    }
  } else {
    throw Error("the processes of lmbench do not understand each other: message '" +
                    j.at("type").get<std::string>() + "'",
                ExitCode::engine_unusable);
  }
}

template <class Message, std::size_t N>
Message decode_message(std::string_view text, const std::array<std::string_view, N>& names) {
  try {
    const json j = json::parse(text);
    const auto type = j.at("type").get<std::string>();
    std::size_t index = 0;
    while (index < N && names[index] != type) ++index;
    return decode_body<Message>(index, j);
  } catch (const json::exception& e) {
    throw Error(std::string("the processes of lmbench do not understand each other: ") + e.what(),
                ExitCode::engine_unusable);
  }
}

}  // namespace

std::string encode(const Request& request) { return encode_message(request, kRequestNames); }
std::string encode(const Reply& reply) { return encode_message(reply, kReplyNames); }

Request decode_request(std::string_view text) {
  return decode_message<Request>(text, kRequestNames);
}

Reply decode_reply(std::string_view text) { return decode_message<Reply>(text, kReplyNames); }

}  // namespace lmbench::process
