// SPDX-License-Identifier: Apache-2.0
#include "run/judgement.hpp"

#include <algorithm>
#include <span>

namespace lmbench::run {
namespace {

using Requests = std::span<const stats::RequestRecord>;

std::string request_name(const stats::RequestRecord& request) {
  return "request " + std::to_string(request.sequence) + " of " +
         (request.is_warmup != 0 ? "warm-up round " : "round ") + std::to_string(request.round);
}

// What an engine says about a request without the id that it had been given for it, as in "request
// 4294967296: prompt[2] is ...": ours is the name that means something to the user.
std::string without_id(const std::string& text) {
  constexpr std::string_view kName = "request ";
  if (!text.starts_with(kName)) return text;
  const std::size_t end = text.find_first_not_of("0123456789", kName.size());
  const bool is_id =
      end != kName.size() && end != std::string::npos && text.compare(end, 2, ": ") == 0;
  return is_id ? text.substr(end + 2) : text;
}

// Empty when the events kept to the ABI.
std::string broken_rule(const ContractBreaks& breaks) {
  const auto count = [](std::uint64_t n, const char* what) {
    return std::to_string(n) + (n == 1 ? " event" : " events") + what;
  };
  if (breaks.after_terminal != 0) {
    return count(breaks.after_terminal, " of requests that had already ended");
  }
  if (breaks.stale_requests != 0) {
    return count(breaks.stale_requests, " of requests of rounds that were over");
  }
  if (breaks.unknown_requests != 0) {
    return count(breaks.unknown_requests, " of requests that were not in flight");
  }
  if (breaks.malformed != 0) {
    return count(breaks.malformed, " of no known kind, without a reason or without token ids");
  }
  return {};
}

Judgement judge_stop(const Stop& stop, const std::string& refusal_text,
                     const EventRecorder& recorder, Requests requests) {
  const std::string name = request_name(requests[stop.slot]);
  switch (stop.cause) {
    case Stop::Cause::refused:
      if (stop.code == Code::overloaded) {
        return {{Status::unsupported, name + " was refused as overloaded with nothing in flight: " +
                                          without_id(refusal_text)},
                {},
                false};
      }
      return judge_failure(stop.code, name + " was refused: " + without_id(refusal_text));
    case Stop::Cause::failed:
      return judge_failure(stop.code, name + " failed after " +
                                          std::to_string(recorder.state_of(stop.slot).tokens) +
                                          " tokens with " + plugin::name_of(stop.code));
    case Stop::Cause::short_output:
      return {{Status::short_output,
               name + " ended after " + std::to_string(recorder.state_of(stop.slot).tokens) +
                   " of " + std::to_string(requests[stop.slot].requested_tokens) + " tokens"},
              {},
              false};
    case Stop::Cause::contract:
      break;
  }
  return {{Status::bad_plugin, name + ": submit() does not agree with its own answer, or sent "
                                      "events of a request that it refused"},
          {},
          true};
}

bool has_excess(const EventRecorder& recorder, Requests requests) {
  for (std::uint32_t slot = 0; slot < requests.size(); ++slot) {
    if (recorder.state_of(slot).has_excess) return true;
  }
  return false;
}

bool has_foreign_ids(const EventRecorder& recorder, Requests requests,
                     std::uint32_t vocabulary_tokens) {
  if (vocabulary_tokens == 0) return false;
  const auto is_foreign = [vocabulary_tokens](std::int32_t id) {
    return id < 0 || static_cast<std::uint32_t>(id) >= vocabulary_tokens;
  };
  for (std::uint32_t slot = 0; slot < requests.size(); ++slot) {
    const auto ids = recorder.token_ids(slot);
    if (std::any_of(ids.begin(), ids.end(), is_foreign)) return true;
  }
  return false;
}

bool has_cached_prompts(Requests requests) {
  return std::any_of(requests.begin(), requests.end(),
                     [](const auto& request) { return request.cached_prompt_tokens != 0; });
}

bool is_coalesced(const stats::CaseRecord& record) {
  return std::any_of(record.events.begin(), record.events.end(), [&](const auto& event) {
    return event.token_count > 1 && record.requests[event.slot].is_warmup == 0;
  });
}

}  // namespace

Judgement judge_failure(Code code, const std::string& sentence) {
  switch (code) {
    case Code::out_of_memory:
      return {{Status::oom, sentence}, {}, false};
    case Code::unsupported:
    case Code::invalid_argument:
      return {{Status::unsupported, sentence}, {}, false};
    default:
      return {{Status::crash, sentence}, {}, true};
  }
}

Judgement judge(const std::optional<Stop>& stop, const std::string& refusal_text,
                const EventRecorder& recorder, const stats::CaseRecord& record,
                std::size_t first_slot, std::uint32_t vocabulary_tokens) {
  Judgement result;
  const Requests requests = Requests(record.requests).subspan(first_slot);
  const std::string broken = broken_rule(recorder.breaks());
  if (stop) result = judge_stop(*stop, refusal_text, recorder, requests);
  if (!broken.empty()) {  // before all else: nothing that such an engine says is worth much
    result.outcome = {Status::bad_plugin, "the engine sent " + broken};
    result.is_engine_broken = true;
  }
  if (is_coalesced(record)) result.flags.emplace_back("coalesced");
  if (result.outcome.status != Status::ok) return result;
  if (has_excess(recorder, requests)) {
    result.outcome = {Status::invalid, "token_count"};
  } else if (has_foreign_ids(recorder, requests, vocabulary_tokens)) {
    result.outcome = {Status::invalid, "token_ids"};
  } else if (has_cached_prompts(requests)) {
    result.outcome = {Status::invalid, "cached_prompts"};
  }
  return result;
}

}  // namespace lmbench::run
