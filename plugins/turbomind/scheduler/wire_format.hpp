// Values as bytes between ranks: little-endian, one after another, arrays with their length in front.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace turbomind {

static_assert(std::endian::native == std::endian::little, "the wire form is copied as it lies");

[[noreturn]] inline void refuse_wire(const char* name, const std::string& what) {
  throw lmbench::sdk::Error(lmbench::Code::internal, std::string(name) + ": " + what);
}

class WireWriter {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }
  template <class T>
  void put_all(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    const std::size_t at = bytes_.size();
    bytes_.resize(at + values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size() * sizeof(T));
  }
  void put_text(std::string_view text) { put_all(std::vector<char>(text.begin(), text.end())); }
  std::vector<std::byte> take() { return std::move(bytes_); }
 private:
  std::vector<std::byte> bytes_;
};

// The parser trusts nothing: a length is checked against the bytes that are left before anything is
// allocated. Throws Error(internal) that begins with `name`.
class WireReader {
 public:
  WireReader(std::span<const std::byte> bytes, const char* name) : bytes_(bytes), name_(name) {}

  template <class T>
  T get() {
    if (bytes_.size() < sizeof(T)) refuse_wire(name_, "truncated");
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }
  template <class T>
  std::vector<T> get_all() {
    const auto count = get_count(sizeof(T));
    std::vector<T> values(count);
    if (count != 0) std::memcpy(values.data(), bytes_.data(), count * sizeof(T));
    bytes_ = bytes_.subspan(count * sizeof(T));
    return values;
  }
  std::string get_text() {
    const std::vector<char> text = get_all<char>();
    return {text.begin(), text.end()};
  }
  // How many elements of at least least_bytes each follow.
  std::size_t get_count(std::size_t least_bytes) {
    const auto count = get<std::uint32_t>();
    if (count > bytes_.size() / least_bytes) refuse_wire(name_, "a length goes beyond the end");
    return count;
  }
  void finish() const {
    if (!bytes_.empty()) refuse_wire(name_, "bytes after the end");
  }
 private:
  std::span<const std::byte> bytes_;
  const char* name_;
};

}  // namespace turbomind
