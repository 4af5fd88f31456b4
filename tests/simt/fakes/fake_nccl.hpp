// What a test can do to the ranks of the fake NCCL.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lmbench::test {

struct FakeNccl {
  static void reset();

  // From its n-th collective on (1: the first of all), the rank never arrives, as one that hangs.
  static void silence(int rank, int n);

  // From its n-th collective on, every rank's communicator reports an error of a remote rank.
  static void break_at(int rank, int n);

  static int collectives(int rank);
};

}  // namespace lmbench::test
