// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "sim_run.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using namespace sim_run;

namespace {

std::vector<std::uint64_t> times_of(const std::vector<Delivery>& deliveries, std::uint64_t id) {
  std::vector<std::uint64_t> times;
  for (const Delivery& d : deliveries) {
    if (d.event.request == id) times.push_back(d.event.engine_ns);
  }
  return times;
}

constexpr std::int64_t operator""_i(unsigned long long value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

TEST_CASE("each token comes when the script says, to the nanosecond") {
  Run run({{"step_us", 100.0}, {"prefill_us_per_token", 10.0}, {"step_us_per_sequence", 1.0}});
  REQUIRE(run.load_code == Code::ok);
  const std::uint64_t start = run.now_ns();
  REQUIRE(run.submit({1, 2}, 8, 3) == Code::ok);
  const auto deliveries = run.wait_for(2);
  const std::uint64_t first = start + 16 * 10'000 + 102'000;
  const std::vector<std::uint64_t> wanted = {first, first + 102'000, first + 204'000};
  CHECK(times_of(deliveries, 1) == wanted);
  CHECK(times_of(deliveries, 2) == wanted);
  CHECK(deliveries.front().event.admitted_ns == start);
  CHECK(deliveries.back().event.admitted_ns == 0);
}

TEST_CASE("the context makes a step longer, token by token") {
  Run run({{"step_us_per_kilotoken_context", 1000.0}});
  const std::uint64_t start = run.now_ns();
  run.submit({1}, 10, 3);
  const std::vector<std::uint64_t> wanted = {start + 10'000, start + 21'000, start + 33'000};
  CHECK(times_of(run.wait_for(1), 1) == wanted);
}

TEST_CASE("a batch is delivered with one call a step, and every request ends once") {
  Run run({{"step_us", 1.0}});
  run.submit({1, 2, 3, 4}, 2, 5);
  const auto deliveries = run.wait_for(4);
  CHECK(deliveries.size() == 20);
  CHECK(deliveries.back().call == 5);
  for (std::uint64_t id = 1; id <= 4; ++id) {
    CHECK(tokens_of(deliveries, id) == 5);
    const auto ends = terminals_of(deliveries, id);
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].kind == EventKind::finished);
    CHECK(ends[0].finish == Finish::length);
  }
}

TEST_CASE("tokens may come several to an event, the rest with the last one") {
  for (const std::int64_t k : {1, 2, 5}) {
    Run run({{"tokens_per_event", k}, {"step_us", 1.0}});
    run.submit({1}, 1, 7);
    const auto deliveries = run.wait_for(1);
    CAPTURE(k);
    CHECK(deliveries.size() == static_cast<std::size_t>((7 + k - 1) / k));
    CHECK(deliveries.front().event.token_count == k);
    CHECK(tokens_of(deliveries, 1) == 7);
  }
}

TEST_CASE("requests beyond max_batch_size wait for a free place, in order") {
  Run run({{"max_batch_size", 2_i}, {"step_us", 100.0}});
  const std::uint64_t start = run.now_ns();
  run.submit({1, 2, 3, 4, 5}, 1, 2);
  const auto deliveries = run.wait_for(5);
  CHECK(times_of(deliveries, 1).front() == start + 100'000);
  CHECK(times_of(deliveries, 2).front() == start + 100'000);
  CHECK(times_of(deliveries, 3).front() == start + 300'000);
  CHECK(times_of(deliveries, 5).front() == start + 500'000);
  for (const Delivery& d : deliveries) {
    if (d.event.request == 5 && d.event.admitted_ns != 0) {
      CHECK(d.event.admitted_ns == start + 400'000);
    }
  }
}

TEST_CASE("tokens depend on the prompt alone, not on the batch, the run or the event size") {
  std::vector<std::int32_t> alone;
  {
    Run run({{"vocab_size", 1000_i}});
    run.submit({7}, 4, 20);
    alone = ids_of(run.wait_for(1), 7);
  }
  Run run({{"vocab_size", 1000_i}, {"tokens_per_event", 3_i}, {"step_us", 5.0}});
  run.submit({6, 7, 8}, 4, 20);
  const auto deliveries = run.wait_for(3);
  CHECK(alone.size() == 20);
  CHECK(ids_of(deliveries, 7) == alone);
  CHECK(ids_of(deliveries, 8) != alone);
}

TEST_CASE("a stop token ends a request and is delivered") {
  Run run({{"vocab_size", 1000_i}});
  run.submit({7}, 4, 20);
  const auto ids = ids_of(run.wait_for(1), 7);
  run.submit({7}, 4, 20, {ids[5]});
  const auto place = std::find(ids.begin(), ids.end(), ids[5]) - ids.begin();
  const auto deliveries = run.wait_for(2);
  const auto ends = terminals_of(deliveries, 7);
  CHECK(ends[1].finish == Finish::stop);
  CHECK(tokens_of(deliveries, 7) == 20 + static_cast<std::uint32_t>(place) + 1);
}

TEST_CASE("startup is slower in the first round and reset() makes it first again") {
  Run run({{"step_us", 100.0},
           {"startup_excess_percent", 100.0},
           {"startup_time_constant_rounds", 0.01}});
  const auto round = [&](std::uint64_t first_id, std::size_t ended) {
    const std::uint64_t start = run.now_ns();
    run.submit({first_id, first_id + 1}, 1, 4);
    const auto deliveries = run.wait_for(ended);
    return deliveries.back().event.engine_ns - start;
  };
  CHECK(round(1, 2) == 800'000);
  CHECK(round(3, 4) == 400'000);
  CHECK(run.engine().reset(run.error_text()) == Code::ok);
  CHECK(round(5, 6) == 800'000);
}

TEST_CASE("a refused request and those behind it are not taken, those before it are") {
  Run run({{"step_us", 1.0}});
  CHECK(run.submit({1, 0, 2}, 1, 2) == Code::invalid_argument);
  CHECK(run.accepted == 1);
  CHECK(run.error() == "a request id must not be 0");
  run.wait_for(1);
  const auto deliveries = run.destroy();
  CHECK(tokens_of(deliveries, 1) == 2);
  CHECK(tokens_of(deliveries, 2) == 0);
  CHECK(deliveries.size() == 2);
}

TEST_CASE("calls at the wrong moment are refused with a sentence") {
  Run run;
  CHECK(run.submit({1}, 1, 1) == Code::failed_precondition);
  CHECK(run.engine().reset(run.error_text()) == Code::failed_precondition);
  CHECK(run.load({{"step_us", -1.0}}) == Code::invalid_argument);
  Run loaded({{"step_us", 1.0}});
  CHECK(loaded.load({{"step_us", 1.0}}) == Code::failed_precondition);
  CHECK(loaded.error() == "load() was called twice");
}

TEST_CASE("requests in flight when the engine is destroyed end as cancelled, once") {
  for (int round = 0; round < 50; ++round) {
    Run run({{"max_batch_size", 2_i}, {"step_us", 1.0}});
    run.submit({1, 2, 3}, 1, 10'000'000);
    const auto deliveries = run.destroy();
    for (std::uint64_t id = 1; id <= 3; ++id) {
      const auto ends = terminals_of(deliveries, id);
      REQUIRE(ends.size() == 1);
      CHECK(ends[0].finish == Finish::cancelled);
    }
  }
}

TEST_CASE("a cancelled request ends exactly once, waiting or running, and the others go on") {
  Run run({{"max_batch_size", 1_i}, {"step_us", 1.0}});
  run.submit({1, 2, 3}, 1, 50'000);
  run.engine().cancel(1);
  run.engine().cancel(2);
  run.engine().cancel(2);
  run.engine().cancel(99);
  run.wait_for(3);
  run.engine().cancel(3);
  const auto deliveries = run.destroy();
  for (std::uint64_t id = 1; id <= 3; ++id) CHECK(terminals_of(deliveries, id).size() == 1);
  CHECK(terminals_of(deliveries, 2)[0].finish == Finish::cancelled);
  CHECK(terminals_of(deliveries, 3)[0].finish == Finish::length);
  CHECK(tokens_of(deliveries, 3) == 50'000);
  CHECK(tokens_of(deliveries, 2) == 0);
}

TEST_CASE("several threads may submit at once") {
  Run run({{"step_us", 1.0}, {"max_batch_size", 3_i}});
  std::vector<std::thread> clients;
  for (std::uint64_t client = 0; client < 4; ++client) {
    clients.emplace_back([&run, client] {
      for (std::uint64_t i = 1; i <= 25; ++i) {
        std::uint32_t accepted = 0;
        const std::int32_t prompt = 5;
        Request request{};
        request.struct_size = sizeof(Request);
        request.id = 100 * client + i;
        request.prompt = {&prompt, 1};
        request.max_new_tokens = 3;
        run.engine().submit(&request, 1, &accepted, nullptr);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const auto deliveries = run.wait_for(100);
  CHECK(tokens_of(deliveries, 325) == 3);
  CHECK(terminals_of(deliveries, 1).size() == 1);
}

TEST_CASE("the model is told after load, and before it from a configuration") {
  Run run;
  auto* model = static_cast<IModel*>(run.engine().extension(sdk::abi("lmbench.model/1")));
  REQUIRE(model != nullptr);
  ModelInfo info{};
  CHECK(model->info(&info, nullptr) == Code::failed_precondition);
  const Config config = {{"vocab_size", 500_i}, {"max_batch_size", 7_i}};
  CHECK(model->preview(config.view(), &info, nullptr) == Code::ok);
  CHECK(info.vocabulary == 500);
  CHECK(info.max_requests == 7);
  REQUIRE(run.load(config) == Code::ok);
  info = {};
  CHECK(model->info(&info, nullptr) == Code::ok);
  CHECK(info.vocabulary == 500);
  CHECK(info.special_tokens.size == 3);
  CHECK(run.engine().extension(sdk::abi("lmbench.other/1")) == nullptr);
}

TEST_CASE("loading takes the time it was told to take") {
  Run run;
  const std::uint64_t start = run.now_ns();
  REQUIRE(run.load({{"load_ms", 250_i}}) == Code::ok);
  CHECK(run.now_ns() == start + 250'000'000);
}

TEST_CASE("a device file has room for one engine at a time") {
  const test::TemporaryFolder folder;
  const std::string device = (folder.path() / "device").string();
  {
    Run first({{"device_file", device}});
    REQUIRE(first.load_code == Code::ok);
    Run second({{"device_file", device}});
    CHECK(second.load_code == Code::out_of_memory);
    CHECK(second.error().find("has room for one") != std::string::npos);
  }
  CHECK(Run({{"device_file", device}}).load_code == Code::ok);
  CHECK(Run({{"device_file", "/no/such/folder/device"}}).load_code == Code::invalid_argument);
}
