// SPDX-License-Identifier: Apache-2.0
#include "turbomind/rank_group.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "engine_fixture.hpp"

using namespace turbomind;
using lmbench::Code;
using lmbench::sdk::Error;

namespace {

// Ranks that meet in every call, as collectives make them; abort() releases who waits.
class Meeting {
 public:
  explicit Meeting(std::uint32_t ranks) : ranks_(ranks) {}

  void arrive() {
    std::unique_lock lock(mutex_);
    const std::uint64_t round = round_;
    if (++arrived_ == ranks_) {
      arrived_ = 0;
      ++round_;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return is_aborted_ || round_ != round; });
    if (round_ == round) throw Error(Code::device_error, "another rank gave up");
  }

  void abort() {
    const std::lock_guard lock(mutex_);
    is_aborted_ = true;
    changed_.notify_all();
  }
 private:
  std::uint32_t ranks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t arrived_ = 0;
  std::uint64_t round_ = 0;
  bool is_aborted_ = false;
};

struct Script {
  explicit Script(std::uint32_t ranks) : meeting(ranks), plans(ranks) {}
  Meeting meeting;
  std::vector<std::atomic<std::uint64_t>> plans;  // the last number that each rank ran
  int failing_rank = -1;
  std::uint64_t failing_plan = 0;  // 0: in load()
  Code failure = Code::device_error;
};

class MeetingExecutor final : public Executor {
 public:
  MeetingExecutor(std::uint32_t rank, Script& script) : rank_(rank), script_(script) {}

  void load(const WeightSource&, const ExecutorLimits&) override { run(0); }
  void enqueue(const StepPlan& plan) override {
    run(plan.number);
    script_.plans[rank_] = plan.number;
  }
  void abort() noexcept override { script_.meeting.abort(); }
  MemoryUse memory_use() const noexcept override {
    return {.weight_bytes = 10, .kv_bytes = 20, .workspace_bytes = 30};
  }
 private:
  void run(std::uint64_t plan) {
    if (static_cast<int>(rank_) == script_.failing_rank && plan == script_.failing_plan) {
      throw Error(script_.failure, "it broke");
    }
    script_.meeting.arrive();
  }

  std::uint32_t rank_;
  Script& script_;
};

struct NoSink final : PassSink {
  void on_pass(const PassResult&) noexcept override {}
};

StepPlan plan_number(std::uint64_t number) {
  StepPlan plan;
  plan.number = number;
  return plan;
}

std::string run_group(Script& script, std::uint32_t ranks, Code& code) {
  NoSink sink;
  const NoWeights weights(fake_architecture());
  RankGroup group(
      ranks,
      [&](std::uint32_t rank, PassSink* to) {
        CHECK((to != nullptr) == (rank == 0));
        return std::make_unique<MeetingExecutor>(rank, script);
      },
      &sink);
  try {
    group.load(weights, {});
    CHECK(group.memory_use().kv_bytes == 20 * ranks);
    for (std::uint64_t number = 1; number <= 20; ++number) group.enqueue(plan_number(number));
  } catch (const Error& e) {
    code = e.code();
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("all ranks run all plans") {
  for (const std::uint32_t ranks : {1U, 2U, 3U, 8U}) {
    Script script(ranks);
    Code code = Code::ok;
    CHECK(run_group(script, ranks, code).empty());
    for (const auto& plan : script.plans) CHECK(plan == 20);
  }
}

TEST_CASE("the failure of any rank ends all of them, and is told as it was") {
  for (const int failing : {0, 1, 3}) {
    for (const std::uint64_t plan : {0U, 1U, 7U}) {
      Script script(4);
      script.failing_rank = failing;
      script.failing_plan = plan;
      script.failure = plan == 0 ? Code::out_of_memory : Code::device_error;
      Code code = Code::ok;
      CHECK(run_group(script, 4, code) == "rank " + std::to_string(failing) + ": it broke");
      CHECK(code == script.failure);
    }
  }
}

TEST_CASE("the failure of the only rank is told without its number") {
  Script script(1);
  script.failing_rank = 0;
  script.failing_plan = 2;
  Code code = Code::ok;
  CHECK(run_group(script, 1, code) == "it broke");
}
