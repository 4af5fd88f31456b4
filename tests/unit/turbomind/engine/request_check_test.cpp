// SPDX-License-Identifier: Apache-2.0
#include "turbomind/request_check.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "engine_fixture.hpp"

using namespace turbomind;
using lmbench::Code;

namespace {

constexpr RequestLimits kLimits{
    .vocab_size = 100, .session_len = 50, .kv_pool_tokens = 640, .block_tokens = 64, .end_id = 2};
const std::vector<std::int32_t> kPrompt = {1, 2, 99};

struct Outcome {
  Code code = Code::ok;
  std::string text;
  Sequence sequence;
};

Outcome check(const std::function<void(lmbench::Request&)>& change,
              const RequestLimits& limits = kLimits) {
  lmbench::Request request = make_request(5, kPrompt, 10);
  change(request);
  Outcome outcome;
  try {
    outcome.sequence = check_request(request, limits);
  } catch (const lmbench::sdk::Error& e) {
    outcome.code = e.code();
    outcome.text = e.what();
  }
  return outcome;
}

void check_refused(const std::function<void(lmbench::Request&)>& change, Code code,
                   const std::string& word) {
  const Outcome outcome = check(change);
  CAPTURE(outcome.text);
  CHECK(outcome.code == code);
  CHECK(outcome.text.find(word) != std::string::npos);
}

}  // namespace

TEST_CASE("a request is copied into a sequence") {
  const std::vector<std::int32_t> stops = {3, 4};
  const Outcome outcome = check([&](lmbench::Request& request) {
    request.flags = 0;
    request.stop_tokens = {stops.data(), stops.size()};
    request.min_new_tokens = 2;
    request.temperature = 0.5F;
    request.top_p = 0.9F;
    request.top_k = 40;
    request.seed = 77;
  });
  REQUIRE(outcome.code == Code::ok);
  const Sequence& sequence = outcome.sequence;
  CHECK(sequence.id == 5);
  CHECK(sequence.prompt == kPrompt);
  CHECK(sequence.min_new_tokens == 2);
  CHECK(sequence.max_new_tokens == 10);
  CHECK(sequence.stop_tokens == std::vector<std::int32_t>{3, 4, 2});  // EOS among them
  CHECK(sequence.sampling ==
        SamplingParameters{.temperature = 0.5F, .top_p = 0.9F, .top_k = 40, .seed = 77});
}

TEST_CASE("ignored EOS is an ordinary token") {
  CHECK(check([](lmbench::Request&) {}).sequence.stop_tokens.empty());
}

TEST_CASE("greedy requests do not read top_p, top_k and seed") {
  const Outcome outcome = check([](lmbench::Request& request) {
    request.top_p = 0;
    request.top_k = -5;
    request.seed = 9;
  });
  CHECK(outcome.code == Code::ok);
  CHECK(outcome.sequence.sampling == SamplingParameters{});
}

TEST_CASE("each wrong field of a request is refused with its name") {
  using R = lmbench::Request;
  const std::int32_t outside[] = {1, 100};
  const std::int32_t negative[] = {-1};
  const Code invalid = Code::invalid_argument;
  check_refused([](R& r) { r.id = 0; }, invalid, "id is 0");
  check_refused([](R& r) { r.flags = 6; }, Code::unsupported, "flag");
  check_refused([](R& r) { r.prompt.size = 0; }, invalid, "prompt is empty");
  check_refused([](R& r) { r.prompt.data = nullptr; }, invalid, "prompt has a size but no data");
  check_refused([&](R& r) { r.prompt = {outside, 2}; }, invalid, "prompt[1] is 100");
  check_refused([&](R& r) { r.prompt = {negative, 1}; }, invalid, "prompt[0] is -1");
  check_refused([&](R& r) { r.stop_tokens = {outside, 2}; }, invalid, "stop_tokens[1]");
  check_refused([](R& r) { r.max_new_tokens = 0; }, invalid, "max_new_tokens is 0");
  check_refused([](R& r) { r.min_new_tokens = 11; }, invalid, "min_new_tokens is 11");
  check_refused([](R& r) { r.max_new_tokens = 48; }, invalid, "session_len of 50");
  check_refused([](R& r) { r.max_new_tokens = 4294967295U; }, invalid, "session_len of 50");
  check_refused([](R& r) { r.temperature = -1; }, invalid, "temperature");
  check_refused([](R& r) { r.temperature = NAN; }, invalid, "temperature");
  const auto sampled = [](auto change) {
    return [change](R& r) {
      r.temperature = 1;
      change(r);
    };
  };
  check_refused(sampled([](R& r) { r.top_p = 0; }), invalid, "top_p");
  check_refused(sampled([](R& r) { r.top_p = 1.5F; }), invalid, "top_p");
  check_refused(sampled([](R& r) { r.top_p = NAN; }), invalid, "top_p");
  check_refused(sampled([](R& r) { r.top_k = -1; }), invalid, "top_k");
  check_refused(sampled([](R& r) { r.top_k = 1025; }), invalid, "top_k");
}

TEST_CASE("a request may be as long as the session, and no longer") {
  CHECK(check([](lmbench::Request& r) { r.max_new_tokens = 47; }).code == Code::ok);
  CHECK(check([](lmbench::Request& r) { r.max_new_tokens = 48; }).code != Code::ok);
}

TEST_CASE("a request that the whole KV pool cannot hold is out of memory") {
  RequestLimits limits = kLimits;
  limits.session_len = 1000;
  CHECK(check([](lmbench::Request& r) { r.max_new_tokens = 637; }, limits).code == Code::ok);
  const Outcome outcome = check([](lmbench::Request& r) { r.max_new_tokens = 638; }, limits);
  CHECK(outcome.code == Code::out_of_memory);
  CHECK(outcome.text.find("640 tokens") != std::string::npos);
}

TEST_CASE("unknown keys of a request are refused, hints are not") {
  const Options unknown = Options().integer("beam_width", 4);
  check_refused([&](lmbench::Request& r) { r.extra = unknown.view(); }, Code::invalid_argument,
                "'beam_width'");
  const Options hint = Options().integer("lmbench.round", 4);
  CHECK(check([&](lmbench::Request& r) { r.extra = hint.view(); }).code == Code::ok);
}
