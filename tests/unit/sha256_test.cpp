// Sums from FIPS 180-2, appendix B.
// SPDX-License-Identifier: Apache-2.0
#include "sha256.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "hex.hpp"
#include "temporary_folder.hpp"

namespace {

std::string sum_of(std::string_view text) {
  lmbench::Sha256 sum;
  sum.update(text);
  return sum.hex_digest();
}

}  // namespace

TEST_CASE("the sums are those of the standard") {
  CHECK(sum_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sum_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("bytes may come in pieces") {
  lmbench::Sha256 sum;
  for (int i = 0; i < 1000; ++i) sum.update(std::string(1000, 'a'));
  CHECK(sum.hex_digest() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a file has the sum of its bytes, and one that is not there has none") {
  const lmbench::test::TemporaryFolder folder;
  const std::string bytes(100'001, 'x');  // no multiple of a block
  std::ofstream(folder.path() / "x") << bytes;
  CHECK(lmbench::sha256_of_file(folder.path() / "x") == sum_of(bytes));
  CHECK(lmbench::sha256_of_file(folder.path() / "y").empty());
}

TEST_CASE("bytes become two digits each") {
  CHECK(lmbench::hex(std::string_view("\x00\x0f\xa0\xff", 4)) == "000fa0ff");
  CHECK(lmbench::hex("").empty());
}
