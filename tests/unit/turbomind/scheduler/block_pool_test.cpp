// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/block_pool.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

using turbomind::BlockPool;
using Blocks = std::vector<std::uint32_t>;

TEST_CASE("a block pool gives all that is asked for, or nothing") {
  BlockPool pool(4);
  Blocks blocks;
  CHECK(pool.allocate(3, blocks));
  CHECK_FALSE(pool.allocate(2, blocks));
  CHECK(blocks == Blocks{0, 1, 2});
  CHECK(pool.free_blocks() == 1);
  CHECK(pool.allocate(1, blocks));
  CHECK(pool.free_blocks() == 0);
  CHECK(pool.allocate(0, blocks));
}

TEST_CASE("blocks that were freed last are given out first, in the same order") {
  BlockPool pool(8);
  Blocks first;
  Blocks second;
  pool.allocate(3, first);
  pool.allocate(2, second);
  pool.release(first);
  Blocks again;
  pool.allocate(3, again);
  CHECK(again == first);
}

TEST_CASE("freeing a block that is not in use is an error") {
  BlockPool pool(2);
  Blocks blocks;
  pool.allocate(1, blocks);
  pool.release(blocks);
  CHECK_THROWS_AS(pool.release(blocks), std::logic_error);
  CHECK_THROWS_AS(pool.release(Blocks{7}), std::logic_error);
  CHECK(pool.free_blocks() == 2);
}

TEST_CASE("the peak of used blocks stays until it is reset") {
  BlockPool pool(8);
  Blocks blocks;
  pool.allocate(5, blocks);
  pool.release(blocks);
  CHECK(pool.used_blocks() == 0);
  CHECK(pool.peak_used_blocks() == 5);
  pool.reset_peak();
  CHECK(pool.peak_used_blocks() == 0);
}
