// The engine behind the ABI with executors without a model: queueing, events, ends and errors.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/engine.hpp"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "engine_fixture.hpp"

using namespace turbomind;
using lmbench::Code;
using lmbench::EventKind;
using lmbench::Finish;

namespace {

std::vector<std::int32_t> prompt_of(std::uint64_t id, std::size_t tokens) {
  std::vector<std::int32_t> prompt;
  for (std::size_t i = 0; i < tokens; ++i) {
    prompt.push_back(static_cast<std::int32_t>((id * 17 + i) % kFakeVocabSize));
  }
  return prompt;
}

std::vector<std::int32_t> expected_of(std::uint64_t id, std::size_t prompt, std::uint32_t made) {
  return fake_generation(prompt_of(id, prompt), made, made, {}, kFakeVocabSize);
}

Options small_options(std::int64_t slots = 4) {
  return Options()
      .text("model", "fake")
      .integer("max_batch_size", slots)
      .integer("session_len", 256);
}

struct Running {
  explicit Running(const Options& options = small_options(),
                   std::function<void(const StepPlan&)> on_plan = {})
      : engine(new Engine(&host, fake_backend(std::move(on_plan)))) {
    TestError error;
    code = engine->load(options.view(), &sink, error.get());
    CAPTURE(error.text());
    REQUIRE(code == Code::ok);
  }

  Code submit(std::uint64_t id, std::size_t prompt, std::uint32_t made) {
    const std::vector<std::int32_t> tokens = prompt_of(id, prompt);
    const lmbench::Request request = make_request(id, tokens, made);
    std::uint32_t accepted = 0;
    return engine->submit(&request, 1, &accepted, nullptr);
  }

  TestHost host;
  TestSink sink;
  Code code = Code::ok;
  EnginePtr engine;
};

class Metrics final : public lmbench::IMetricSink {
 public:
  void on_metric(lmbench::StrView name, lmbench::StrView, lmbench::MetricKind,
                 double value) noexcept override {
    values[std::string(lmbench::sdk::view(name))] = value;
  }
  std::map<std::string, double> values;
};

// A gate in the engine thread: it waits at its first plan until the test opens it.
class Gate {
 public:
  void wait() {
    if (is_reached_) return;
    is_reached_ = true;
    reached_.set_value();
    opened_.get_future().wait();
  }
  void wait_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }
 private:
  std::promise<void> reached_;
  std::promise<void> opened_;
  bool is_reached_ = false;
};

}  // namespace

TEST_CASE("each request ends once, with all its tokens and with its times in order") {
  Running run;
  for (std::uint64_t id = 1; id <= 10; ++id) REQUIRE(run.submit(id, id, 20) == Code::ok);
  const auto logs = run.sink.wait_for(10);
  for (std::uint64_t id = 1; id <= 10; ++id) {
    const RequestLog& log = logs.at(id);
    CHECK(log.tokens == expected_of(id, id, 20));
    CHECK(log.terminals == 1);
    CHECK(log.kind == EventKind::finished);
    CHECK(log.finish == Finish::length);
    CHECK(log.admitted_ns > 0);
    CHECK_FALSE(log.is_broken);
  }
}

TEST_CASE("a burst in one call becomes one prefill and one call of the sink per pass") {
  Running run;
  std::vector<std::vector<std::int32_t>> prompts;
  std::vector<lmbench::Request> requests;
  for (std::uint64_t id = 1; id <= 4; ++id) prompts.push_back(prompt_of(id, 10));
  for (std::uint64_t id = 1; id <= 4; ++id)
    requests.push_back(make_request(id, prompts[id - 1], 5));
  std::uint32_t accepted = 0;
  REQUIRE(run.engine->submit(requests.data(), 4, &accepted, nullptr) == Code::ok);
  CHECK(accepted == 4);
  run.sink.wait_for(4);
  CHECK(run.sink.calls == std::vector<std::uint32_t>{4, 4, 4, 4, 4});
}

TEST_CASE("submit takes the valid prefix and says what is wrong with the next request") {
  Running run;
  const std::vector<std::int32_t> prompt = {1, 2, 3};
  std::vector<lmbench::Request> requests = {make_request(1, prompt, 2), make_request(2, prompt, 2),
                                            make_request(3, prompt, 0), make_request(4, prompt, 2)};
  std::uint32_t accepted = 9;
  TestError error;
  CHECK(run.engine->submit(requests.data(), 4, &accepted, error.get()) == Code::invalid_argument);
  CHECK(accepted == 2);
  CHECK(error.text().find("request 3: max_new_tokens") != std::string::npos);
  const auto logs = run.sink.wait_for(2);
  CHECK(logs.size() == 2);
}

TEST_CASE("requests of a newer, longer struct are read by their own size") {
  struct Newer {
    lmbench::Request request;
    std::uint64_t more[3];
  };
  Running run;
  const std::vector<std::int32_t> prompt = {1, 2, 3};
  std::vector<Newer> requests;
  for (std::uint64_t id = 1; id <= 3; ++id) {
    requests.push_back({make_request(id, prompt, 2), {~0ULL, ~0ULL, ~0ULL}});
    requests.back().request.struct_size = sizeof(Newer);
  }
  std::uint32_t accepted = 0;
  CHECK(run.engine->submit(&requests[0].request, 3, &accepted, nullptr) == Code::ok);
  CHECK(run.sink.wait_for(3).size() == 3);
  lmbench::Request shorter = make_request(9, prompt, 2);
  shorter.struct_size = 8;
  CHECK(run.engine->submit(&shorter, 1, &accepted, nullptr) == Code::invalid_argument);
}

TEST_CASE("an id that is in flight is refused, and free again after its end") {
  Gate gate;
  Running run(small_options(), [&](const StepPlan&) { gate.wait(); });
  REQUIRE(run.submit(1, 3, 2) == Code::ok);
  CHECK(run.submit(1, 3, 2) == Code::invalid_argument);
  gate.open();
  run.sink.wait_for(1);
  CHECK(run.submit(1, 3, 2) == Code::ok);
  run.sink.wait_for(2);
}

TEST_CASE("a cancelled request ends exactly once, running or waiting") {
  Gate gate;
  Running run(small_options(), [&](const StepPlan&) { gate.wait(); });
  for (std::uint64_t id = 1; id <= 6; ++id) REQUIRE(run.submit(id, 3, 200) == Code::ok);
  gate.wait_reached();
  for (const std::uint64_t id : {2U, 6U, 6U, 99U}) run.engine->cancel(id);
  gate.open();
  const auto logs = run.sink.wait_for(6);
  for (std::uint64_t id = 1; id <= 6; ++id) {
    CHECK(logs.at(id).terminals == 1);
    CHECK(logs.at(id).finish == (id == 2 || id == 6 ? Finish::cancelled : Finish::length));
    CHECK_FALSE(logs.at(id).is_broken);
  }
  CHECK(logs.at(6).tokens.empty());
  CHECK(logs.count(99) == 0);
  run.engine->cancel(2);  // ended long ago
}

TEST_CASE("destroy ends what is in flight as cancelled, and is silent afterwards") {
  TestHost host;
  TestSink sink;
  EnginePtr engine(new Engine(&host, fake_backend()));
  REQUIRE(engine->load(small_options().view(), &sink, nullptr) == Code::ok);
  const std::vector<std::int32_t> prompt = {1, 2, 3};
  std::uint32_t accepted = 0;
  for (std::uint64_t id = 1; id <= 8; ++id) {
    const lmbench::Request request = make_request(id, prompt, 250);
    REQUIRE(engine->submit(&request, 1, &accepted, nullptr) == Code::ok);
  }
  engine.reset();
  const auto logs = sink.logs();
  REQUIRE(logs.size() == 8);
  for (const auto& [id, log] : logs) CHECK(log.terminals == 1);
}

TEST_CASE("an engine can be destroyed in every state") {
  TestHost host;
  TestSink sink;
  const EnginePtr created(new Engine(&host, fake_backend()));
  const EnginePtr broken(new Engine(&host, fake_backend()));
  CHECK(broken->load(Options().view(), &sink, nullptr) == Code::invalid_argument);
  const Running ready;
}

TEST_CASE("calls at the wrong moment are a failed precondition with a text") {
  TestHost host;
  TestSink sink;
  const EnginePtr engine(new Engine(&host, fake_backend()));
  const std::vector<std::int32_t> prompt = {1};
  const lmbench::Request request = make_request(1, prompt, 1);
  std::uint32_t accepted = 0;
  lmbench::ModelInfo info{};
  TestError error;
  CHECK(engine->submit(&request, 1, &accepted, error.get()) == Code::failed_precondition);
  CHECK_FALSE(error.text().empty());
  CHECK(engine->reset(error.get()) == Code::failed_precondition);
  CHECK(engine->info(&info, error.get()) == Code::failed_precondition);
  engine->cancel(1);
  CHECK(engine->load(small_options().view(), &sink, nullptr) == Code::ok);
  CHECK(engine->load(small_options().view(), &sink, error.get()) == Code::failed_precondition);
  CHECK(error.text().find("load()") != std::string::npos);
  CHECK(engine->submit(&request, 1, &accepted, nullptr) == Code::ok);
  sink.wait_for(1);
}

TEST_CASE("reset is refused with requests in flight, and sets counters to zero") {
  Gate gate;
  Running run(small_options(), [&](const StepPlan&) { gate.wait(); });
  run.submit(1, 10, 5);
  gate.wait_reached();
  TestError error;
  CHECK(run.engine->reset(error.get()) == Code::failed_precondition);
  CHECK(error.text().find("1 requests are in flight") != std::string::npos);
  gate.open();
  run.sink.wait_for(1);
  Metrics before;
  run.engine->stats(&before);
  CHECK(before.values.at("steps") == 5);
  CHECK(before.values.at("prefill_tokens") == 10);
  CHECK(before.values.at("decode_tokens") == 4);
  CHECK(before.values.at("kv_blocks_peak") == 1);
  REQUIRE(run.engine->reset(nullptr) == Code::ok);
  Metrics after;
  run.engine->stats(&after);
  CHECK(after.values.size() == before.values.size());
  for (const auto& metric : after.values) CHECK_MESSAGE(metric.second == 0, metric.first);
}

TEST_CASE("an executor that captures and tunes nothing is reported with zeros") {
  Running run(small_options());
  run.submit(1, 10, 5);
  run.sink.wait_for(1);
  Metrics metrics;
  run.engine->stats(&metrics);
  for (const char* name : {"graphs_captured", "products_tuned", "products_unsaved"}) {
    CHECK_MESSAGE(metrics.values.at(name) == 0, name);
  }
}

TEST_CASE("a device error fails all requests once, and the engine takes no more") {
  Running run(small_options(), [&](const StepPlan& plan) {
    if (plan.number == 3) throw lmbench::sdk::Error(Code::device_error, "the device is gone");
  });
  std::vector<std::vector<std::int32_t>> prompts;
  std::vector<lmbench::Request> requests;
  for (std::uint64_t id = 1; id <= 6; ++id) prompts.push_back(prompt_of(id, 4));
  for (std::uint64_t id = 1; id <= 6; ++id) {
    requests.push_back(make_request(id, prompts[id - 1], 100));
  }
  std::uint32_t accepted = 0;
  REQUIRE(run.engine->submit(requests.data(), 6, &accepted, nullptr) == Code::ok);
  const auto logs = run.sink.wait_for(6);
  for (const auto& [id, log] : logs) {
    CHECK(log.kind == EventKind::failed);
    CHECK(log.error == Code::device_error);
    CHECK(log.terminals == 1);
  }
  TestError error;
  CHECK(run.engine->submit(requests.data(), 6, &accepted, error.get()) ==
        Code::failed_precondition);
  CHECK(accepted == 0);
  CHECK(error.text().find("the device is gone") != std::string::npos);
  CHECK(run.engine->reset(nullptr) == Code::failed_precondition);
}

TEST_CASE("a small KV pool preempts and still gives the same tokens") {
  Running run(small_options().integer("cache_max_entry_count", 5));
  for (std::uint64_t id = 1; id <= 8; ++id) REQUIRE(run.submit(id, 30, 150) == Code::ok);
  const auto logs = run.sink.wait_for(8);
  for (std::uint64_t id = 1; id <= 8; ++id) CHECK(logs.at(id).tokens == expected_of(id, 30, 150));
  Metrics metrics;
  run.engine->stats(&metrics);
  CHECK(metrics.values.at("preemptions") > 0);
  CHECK(metrics.values.at("kv_blocks_peak") == 5);
}

TEST_CASE("requests from many threads, some cancelled, end once each") {
  Running run(small_options(3));
  std::vector<std::thread> clients;
  for (std::uint64_t client = 0; client < 8; ++client) {
    clients.emplace_back([&run, client] {
      for (std::uint64_t i = 1; i <= 10; ++i) {
        const std::uint64_t id = client * 100 + i;
        run.submit(id, 1 + i, 10);
        if (i % 3 == 0) run.engine->cancel(id);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const auto logs = run.sink.wait_for(80);
  CHECK(logs.size() == 80);
  for (const auto& [id, log] : logs) {
    CHECK(log.terminals == 1);
    CHECK_FALSE(log.is_broken);
    if (log.finish == Finish::length) CHECK(log.tokens == expected_of(id, 1 + id % 100, 10));
  }
}

TEST_CASE("EOS ends a request that does not ignore it, and is delivered") {
  std::uint64_t id = 0;
  std::vector<std::int32_t> made;
  do {  // a prompt whose continuation has EOS in it
    made = fake_generation(prompt_of(++id, 5), 0, 200, {kFakeEos}, kFakeVocabSize);
  } while (made.size() == 200 || made.size() < 3);
  Running run;
  const std::vector<std::int32_t> prompt = prompt_of(id, 5);
  lmbench::Request request = make_request(id, prompt, 200);
  request.flags = 0;
  request.min_new_tokens = 0;
  std::uint32_t accepted = 0;
  REQUIRE(run.engine->submit(&request, 1, &accepted, nullptr) == Code::ok);
  const RequestLog log = run.sink.wait_for(1).at(id);
  CHECK(log.tokens == made);
  CHECK(log.tokens.back() == kFakeEos);
  CHECK(log.finish == Finish::stop);
}

TEST_CASE("several ranks get the same plans through their channels") {
  Running run(small_options().integer("tp", 2));
  for (std::uint64_t id = 1; id <= 5; ++id) run.submit(id, 20, 30);
  const auto logs = run.sink.wait_for(5);
  for (std::uint64_t id = 1; id <= 5; ++id) CHECK(logs.at(id).tokens == expected_of(id, 20, 30));
}

TEST_CASE("every value in force is logged once, and so is the choice of the device") {
  Running run;
  CHECK(run.host.count_lines(lmbench::LogLevel::info, "session_len = 256") == 1);
  CHECK(run.host.count_lines(lmbench::LogLevel::info, "max_batch_size = 4") == 1);
  CHECK(run.host.count_lines(lmbench::LogLevel::info, "chosen for a test") == 1);
}
