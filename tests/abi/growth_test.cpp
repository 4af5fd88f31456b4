// Structs that may grow at their end, read by who knows less or more of them than the writer. The
// buffers have exactly the writer's size, so that the address sanitizer sees a byte too many.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <lmbench/plugin.hpp>
#include <memory>
#include <string_view>

#include "plugin/library.hpp"

using lmbench::kRequestSize_1_0;
using lmbench::Request;

namespace {

// What some version 1.x may make of it.
struct LaterRequest {
  std::uint32_t struct_size;
  std::uint32_t flags;
  unsigned char unchanged[kRequestSize_1_0 - 8];
  std::uint64_t added;
  double added_too;
};
static_assert(offsetof(LaterRequest, added) == kRequestSize_1_0);

Request small_request() {
  Request request{};
  request.struct_size = sizeof(Request);
  request.id = 7;
  request.max_new_tokens = 9;
  request.seed = 11;
  return request;
}

// A copy that ends where its struct_size says.
template <class T>
std::unique_ptr<unsigned char[]> exact_copy(const T& value, std::size_t size) {
  auto bytes = std::make_unique<unsigned char[]>(size);
  std::memcpy(bytes.get(), &value, size);
  return bytes;
}

template <class T>
T read_from(const std::unique_ptr<unsigned char[]>& bytes) {
  return lmbench::sdk::read_sized(static_cast<const T*>(static_cast<const void*>(bytes.get())));
}

}  // namespace

TEST_CASE("an engine reads what a runner of its own version wrote") {
  const Request request = small_request();
  const auto read = read_from<Request>(exact_copy(request, sizeof request));
  CHECK(std::memcmp(&read, &request, sizeof read) == 0);
}

TEST_CASE(
    "an engine of today reads the request of a later runner and does not see what was added") {
  LaterRequest later{};
  const Request request = small_request();
  std::memcpy(&later, &request, kRequestSize_1_0);
  later.struct_size = sizeof(LaterRequest);
  later.added = 5;
  const auto read = read_from<Request>(exact_copy(later, sizeof later));
  CHECK(read.struct_size == sizeof(Request));
  CHECK(read.id == 7);
  CHECK(read.max_new_tokens == 9);
  CHECK(read.seed == 11);
}

TEST_CASE("a later engine reads the request of today with zeros in what was added") {
  Request request = small_request();
  request.struct_size = kRequestSize_1_0;
  const auto read = read_from<LaterRequest>(exact_copy(request, kRequestSize_1_0));
  CHECK(read.struct_size == sizeof(LaterRequest));
  CHECK(read.added == 0);
  CHECK(read.added_too == 0);
  CHECK(std::memcmp(read.unchanged, reinterpret_cast<const unsigned char*>(&request) + 8,
                    sizeof read.unchanged) == 0);
}

TEST_CASE("the plugin of a later minor version opens, with a longer descriptor") {
  const auto& descriptor = lmbench::plugin::open_plugin(LMBENCH_BINARY_DIR "/tests/abi/later.so");
  CHECK(descriptor.abi_minor == 7);
  CHECK(descriptor.struct_size > sizeof(lmbench::PluginDescriptor));
  CHECK(std::string_view(descriptor.engine_name) == "later");
}
