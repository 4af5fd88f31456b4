// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/attention_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "turbomind/cpu/kernels/arguments.hpp"

using namespace turbomind;

namespace {

Pass decode_pass(const std::vector<std::uint32_t>& positions) {
  Pass pass;
  for (const std::uint32_t position : positions) {
    pass.runs.push_back({pass.rows(), 1, position, nullptr});
    pass.tokens.push_back(0);
  }
  return pass;
}

Pass prefill_pass(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& runs) {
  Pass pass;
  pass.is_prefill = true;
  for (const auto& [first_position, rows] : runs) {
    pass.runs.push_back({pass.rows(), rows, first_position, nullptr});
    pass.tokens.resize(pass.tokens.size() + rows);
  }
  return pass;
}

// How often each (run, KV head, split or row) is done, and the splits of the busiest thread.
struct Coverage {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, int> times;
  std::uint64_t busiest = 0;
  std::uint64_t total = 0;
};

Coverage coverage_of(const AttentionPlan& plan, std::uint32_t threads) {
  Coverage coverage;
  for (std::uint32_t thread = 0; thread < threads; ++thread) {
    std::uint64_t load = 0;
    for (const AttentionTask& task : plan.tasks_of(thread)) {
      CHECK(task.begin < task.end);
      load += task.end - task.begin;
      for (std::uint32_t i = task.begin; i < task.end; ++i) {
        ++coverage.times[{task.run, task.kv_head, i}];
      }
    }
    coverage.busiest = std::max(coverage.busiest, load);
    coverage.total += load;
  }
  return coverage;
}

bool is_each_done_once(const Coverage& coverage) {
  return std::all_of(coverage.times.begin(), coverage.times.end(),
                     [](const auto& entry) { return entry.second == 1; });
}

}  // namespace

TEST_CASE("every split of every row and head is attended to once, by threads of like load") {
  const std::vector<std::vector<std::uint32_t>> batches{
      {0}, {255}, {256}, {5000}, {1, 2, 3}, {10, 3000, 700, 90, 2047}, {8000, 1, 1, 1, 1}};
  for (const auto& positions : batches) {
    for (const std::uint32_t heads : {1U, 3U, 8U}) {
      for (const std::uint32_t threads : {1U, 2U, 5U, 16U}) {
        CAPTURE(positions.size());
        CAPTURE(heads);
        CAPTURE(threads);
        AttentionPlan plan(threads, heads, 8, 64);
        plan.make(decode_pass(positions));
        const Coverage coverage = coverage_of(plan, threads);
        std::uint64_t splits = 0;
        for (const std::uint32_t position : positions) splits += position / kSplitTokens + 1;
        CHECK(is_each_done_once(coverage));
        CHECK(coverage.total == splits * heads);
        CHECK(coverage.times.size() == splits * heads);
        // An eighth, or a split, beside the share and its rounding, at either end.
        const std::uint64_t share = coverage.total / threads + 1;
        CHECK(coverage.busiest <= share + 2 * std::max<std::uint64_t>(share / 8, 1));
        CHECK(plan.cut_pairs().size() < std::max(threads, 2U));
      }
    }
  }
}

TEST_CASE("a pair is cut for long contexts of few sequences only, and its parts know it") {
  AttentionPlan plan(4, 2, 8, 64);
  plan.make(decode_pass({100, 200, 50, 250}));  // eight pairs of one split
  CHECK(plan.cut_pairs().empty());
  plan.make(decode_pass({4000}));  // two pairs of 16 splits for four threads
  REQUIRE(plan.cut_pairs().size() == 2);
  std::vector<std::uint32_t> splits(2);
  for (std::uint32_t thread = 0; thread < 4; ++thread) {
    for (const AttentionTask& task : plan.tasks_of(thread)) {
      REQUIRE(task.cut_pair >= 0);
      const CutPair& pair = plan.cut_pairs()[static_cast<std::size_t>(task.cut_pair)];
      CHECK(pair.run == task.run);
      CHECK(pair.kv_head == task.kv_head);
      CHECK(pair.splits == 16);
      splits[static_cast<std::size_t>(task.cut_pair)] += task.end - task.begin;
    }
  }
  CHECK(splits == std::vector<std::uint32_t>{16, 16});
}

TEST_CASE("every row of a prefill is attended to once per head, in blocks that fit the kernel") {
  for (const std::uint32_t threads : {1U, 2U, 3U, 7U}) {
    AttentionPlan plan(threads, 3, 4, 2048);
    plan.make(prefill_pass({{0, 1}, {0, 64}, {100, 65}, {512, 700}}));
    const Coverage coverage = coverage_of(plan, threads);
    CHECK(is_each_done_once(coverage));
    CHECK(coverage.total == 3 * (1 + 64 + 65 + 700));
    CHECK(plan.cut_pairs().empty());
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      CHECK(!plan.tasks_of(thread).empty());
      for (const AttentionTask& task : plan.tasks_of(thread)) {
        CHECK(task.end - task.begin <= kPrefillQueries);
        CHECK(task.begin % kPrefillQueries == 0);
      }
    }
  }
}
