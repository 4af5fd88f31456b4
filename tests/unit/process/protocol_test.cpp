// What one side says, the other understands: each message there and back.
// SPDX-License-Identifier: Apache-2.0
#include "process/protocol.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using namespace lmbench::process;
using lmbench::run::Status;
using lmbench::scenario::Options;

namespace {

template <class T>
T there_and_back(const T& message) {
  if constexpr (std::is_constructible_v<Request, T>) {
    return std::get<T>(decode_request(encode(Request(message))));
  } else {
    return std::get<T>(decode_reply(encode(Reply(message))));
  }
}

const ModelFigures kFigures{.parameters = 7'321'948'160,
                            .kv_capacity_tokens = 1,
                            .weight_bytes_per_step = 0.1,
                            .kv_bytes_per_token = 1e300,
                            .read_bytes_per_s = 2e11,
                            .vocabulary = 2,
                            .max_sequence_tokens = 3,
                            .max_requests = 4,
                            .kv_block_tokens = 5};

}  // namespace

TEST_CASE("options keep their types on the way to the worker") {
  const Options options{{"flag", true}, {"count", std::int64_t{1}}, {"share", 1.0}, {"text", "1"}};
  CHECK(there_and_back(LoadRequest{"p", options}).options == options);
  CHECK(there_and_back(LoadRequest{"p", {}, true}).is_checked);
  CHECK(there_and_back(DescribeRequest{"p", options}).options == options);
  const ConvertRequest convert = there_and_back(ConvertRequest{"p", "from", "to", options});
  CHECK(convert.options == options);
  CHECK(convert.source == "from");
  CHECK(convert.target == "to");
}

TEST_CASE("a case arrives with all that it needs") {
  CaseRequest sent;
  sent.plan_case = {.index = 2,
                    .case_id = "03-b1-p128-r2048",
                    .concurrency = 1,
                    .prompt_tokens = 128,
                    .completion_tokens = 2048};
  sent.sampling = {.top_k = 40, .top_p = 0.9F, .temperature = 0.7F};
  sent.measure.round_mode = lmbench::scenario::RoundMode::closed;
  sent.measure.test_rounds = 3;
  sent.measure.test_limits = {0.5, 7, 8, 9.5};
  sent.measure.warmup_limits = {3, 2.5};
  sent.measure.case_timeout_s = 1.5;
  sent.prompts.seed = 0xffff'ffff'ffff'ffffU;
  sent.prompts.exclude = {1, -1};
  sent.events_file = "/tmp/with \"quotes\".npy";
  const CaseRequest got = there_and_back(sent);
  CHECK(got.plan_case.case_id == sent.plan_case.case_id);
  CHECK(got.plan_case.completion_tokens == 2048);
  CHECK(got.sampling.top_p == 0.9F);
  CHECK(got.measure.round_mode == lmbench::scenario::RoundMode::closed);
  CHECK(got.measure.case_timeout_s == 1.5);
  CHECK(got.measure == sent.measure);
  CHECK_FALSE(got.measure.warmup_rounds);
  CHECK(got.prompts.seed == sent.prompts.seed);
  CHECK_FALSE(got.prompts.vocab_size);
  CHECK(got.prompts.exclude == sent.prompts.exclude);
  CHECK(got.events_file == sent.events_file);
}

TEST_CASE("requests without content arrive as what they are") {
  CHECK(std::holds_alternative<ResetRequest>(decode_request(encode(Request(ResetRequest{})))));
  CHECK(std::holds_alternative<FloorRequest>(decode_request(encode(Request(FloorRequest{})))));
  CHECK(std::holds_alternative<QuitRequest>(decode_request(encode(Request(QuitRequest{})))));
  CHECK(std::holds_alternative<DoneReply>(decode_reply(encode(Reply(DoneReply{})))));
}

TEST_CASE("figures of a load arrive exactly, and absent ones stay absent") {
  LoadReply sent{.load_s = 0.1, .model = kFigures, .peak = {}, .objects = {{"a", "b", "c"}}};
  const LoadReply got = there_and_back(sent);
  CHECK(got.load_s == 0.1);
  CHECK(got.model == kFigures);
  CHECK_FALSE(got.peak);
  CHECK(got.objects == sent.objects);
}

TEST_CASE("the report of a case keeps outcome, flags and memory") {
  const CaseReply got = there_and_back(CaseReply{
      .outcome = {Status::invalid, "cached_prompts"},
      .flags = {"coalesced"},
      .engine_is_broken = true,
      .prompts_sha256 = "00ff",
      .stop_reason = "width",
      .memory =
          {{.part = "kv", .device = 1, .reserved_bytes = 9, .used_bytes = 8, .peak_bytes = 7}},
      .engine_stats = {{.name = "steps", .unit = "1", .is_counter = true, .value = 8}},
      .rss_peak_bytes = 6});
  CHECK(got.outcome.status == Status::invalid);
  CHECK(got.outcome.reason == "cached_prompts");
  CHECK(got.flags == std::vector<std::string>{"coalesced"});
  CHECK(got.engine_is_broken);
  REQUIRE(got.memory.size() == 1);
  CHECK(got.memory[0].peak_bytes == 7);
  REQUIRE(got.engine_stats.size() == 1);
  CHECK(got.engine_stats[0].value == 8);
  CHECK(got.stop_reason == "width");
}

TEST_CASE("a heartbeat says when the warm-up is over, and not before") {
  Heartbeat sent;
  sent.rounds = 3;
  CHECK_FALSE(there_and_back(sent).warmup_rounds);
  sent.warmup_rounds = 0;
  sent.half_width_percent = 0.1;
  const Heartbeat got = there_and_back(sent);
  CHECK(got.rounds == 3);
  CHECK(got.warmup_rounds == 0);
  CHECK(got.half_width_percent == 0.1);
}

TEST_CASE("text from an engine that is not UTF-8 does not stop the worker's answer") {
  const FailedReply got = there_and_back(FailedReply{{Status::load_failed, "bad \xff byte"}});
  CHECK(got.outcome.reason == "bad \xef\xbf\xbd byte");
}

TEST_CASE("what is no message is refused with a sentence") {
  CHECK_THROWS_AS(decode_request("{"), lmbench::Error);
  CHECK_THROWS_AS(decode_request(R"({"type":"dance"})"), lmbench::Error);
  CHECK_THROWS_AS(decode_request(R"({"type":"load"})"), lmbench::Error);
  CHECK_THROWS_AS(decode_reply(R"({"type":"loaded","body":{"load_s":"soon"}})"), lmbench::Error);
}
