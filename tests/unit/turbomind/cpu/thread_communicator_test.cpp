// SPDX-License-Identifier: Apache-2.0
#include "turbomind/thread_communicator.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <lmbench/plugin.hpp>
#include <thread>

using turbomind::Communicator;
using turbomind::make_thread_communicators;

namespace {

void run_ranks(std::uint32_t ranks, const std::function<void(Communicator&)>& body) {
  const auto communicators = make_thread_communicators(ranks);
  std::vector<std::thread> threads;
  for (const auto& communicator : communicators) {
    threads.emplace_back([&body, &communicator] { body(*communicator); });
  }
  for (std::thread& thread : threads) thread.join();
}

float value_of(std::uint32_t rank, std::size_t i) {
  return 1.0F / static_cast<float>(1 + i + 7 * rank);
}

}  // namespace

TEST_CASE("a sum over the ranks is taken in rank order and has the same bits on every rank") {
  for (const std::uint32_t ranks : {1U, 2U, 3U, 8U}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{5}, std::size_t{3000}}) {
      std::vector<float> expected(size, 0.0F);
      for (std::size_t i = 0; i < size; ++i) {
        expected[i] = value_of(0, i);
        for (std::uint32_t rank = 1; rank < ranks; ++rank) expected[i] += value_of(rank, i);
      }
      std::atomic<int> wrong{0};
      run_ranks(ranks, [&](Communicator& communicator) {
        for (int repeat = 0; repeat < 3; ++repeat) {
          std::vector<float> data(size);
          for (std::size_t i = 0; i < size; ++i) data[i] = value_of(communicator.rank(), i);
          communicator.all_reduce(data);
          if (data != expected) ++wrong;
        }
      });
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("a gathering puts the ranks' data one after another") {
  for (const std::uint32_t ranks : {1U, 3U, 4U}) {
    std::atomic<int> wrong{0};
    run_ranks(ranks, [&](Communicator& communicator) {
      CHECK(communicator.ranks() == ranks);
      for (std::uint64_t repeat = 0; repeat < 20; ++repeat) {
        const std::uint64_t mine = 100 * repeat + communicator.rank();
        std::vector<std::uint64_t> all(ranks);
        communicator.all_gather(std::as_bytes(std::span(&mine, 1)),
                                std::as_writable_bytes(std::span(all)));
        for (std::uint64_t rank = 0; rank < ranks; ++rank) {
          if (all[rank] != 100 * repeat + rank) ++wrong;
        }
      }
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("an abort wakes a rank that waits for another one, and all further collectives throw") {
  const auto communicators = make_thread_communicators(3);
  std::atomic<int> thrown{0};
  const auto wait_forever = [&](Communicator& communicator) {
    std::vector<float> data(10);
    for (int repeat = 0; repeat < 2; ++repeat) {
      try {
        communicator.all_reduce(data);
      } catch (const lmbench::sdk::Error& error) {
        if (error.code() == lmbench::Code::device_error) ++thrown;
      }
    }
  };
  std::thread first(wait_forever, std::ref(*communicators[0]));
  std::thread second(wait_forever, std::ref(*communicators[1]));
  communicators[2]->abort();
  first.join();
  second.join();
  CHECK(thrown == 4);
}
