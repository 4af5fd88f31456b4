// CPU side of the shim: every CUDA thread is a fiber; a block runs on one OS thread.
#pragma once
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// ---- keywords -------------------------------------------------------------------------------
#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define SIMT_UNROLL
// `type` may be dependent; `dims` like [32] or [2][64] (or nothing).
#define SIMT_SHARED(type, name, dims) \
  static char name##_site_;           \
  typedef type name##_t_ dims;        \
  name##_t_& name =                   \
      *static_cast<name##_t_*>(::simt::shared_site(&name##_site_, sizeof(name##_t_), #name))
#define SIMT_DYNAMIC_SHARED(name) unsigned char* const name = ::simt::dynamic_shared()
#define SIMT_LOC const char *file_ = __builtin_FILE(), int line_ = __builtin_LINE()

struct CUstream_st;
// ---- vector types ---------------------------------------------------------------------------
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
struct uint3 {
  unsigned x, y, z;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
inline float2 make_float2(float a, float b) { return {a, b}; }
inline float4 make_float4(float a, float b, float c, float d) { return {a, b, c, d}; }
inline uint2 make_uint2(unsigned a, unsigned b) { return {a, b}; }
inline uint4 make_uint4(unsigned a, unsigned b, unsigned c, unsigned d) { return {a, b, c, d}; }
inline int2 make_int2(int a, int b) { return {a, b}; }
inline int4 make_int4(int a, int b, int c, int d) { return {a, b, c, d}; }
#include "float16_types.hpp"

namespace simt {
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What kernel code may read of its own fiber. Filled on every switch.
struct Thread {
  uint3 tid, bid;
  dim3 bdim, gdim;
  unsigned lane;
};
extern thread_local Thread* self;

// ---- launch ---------------------------------------------------------------------------------
using Stream = CUstream_st*;
struct Launch {
  dim3 grid, block;
  size_t shared_bytes = 0;
  Stream stream = nullptr;
  bool is_dependent = false;
};
// Who runs what is launched into a stream. The default runs it at once.
using Submitter = void (*)(Stream, std::function<void()>);
void set_submitter(Submitter submitter);
void submit(Stream, std::function<void()>);
void run_grid(const Launch&, void (*thunk)(void*), void* ctx, size_t ctx_bytes, const void* kernel);
void allow_shared_bytes_(const void* kernel, size_t bytes);
template <class... P>
void allow_shared_bytes(void (*k)(P...), size_t bytes) {
  allow_shared_bytes_(reinterpret_cast<const void*>(k), bytes);
}
template <class... P, class... A>
void launch(const Launch& l, void (*k)(P...), A&&... a) {
  auto body = [k, ... args = P(std::forward<A>(a))] {
    k(args...);
  };  // by value, like kernel parameters
  submit(l.stream, [l, body, k]() mutable {
    run_grid(
        l, [](void* c) { (*static_cast<decltype(body)*>(c))(); }, &body, sizeof body,
        reinterpret_cast<const void*>(k));
  });
}
inline void sync() {}

enum class Order { forward, reverse, random };
struct Options {
  Order order = Order::forward;  // SIMT_ORDER
  unsigned seed = 1;             // SIMT_SEED
  int os_threads = 1;            // SIMT_THREADS, blocks in parallel
  size_t max_smem = 227 * 1024;  // limit of the modelled architecture
  bool strict_barriers =
      true;  // a barrier met at two source lines, or after some threads returned, is an error
  bool eager_cp_async = false;  // random mode picks by itself
};
Options& options();
struct Stats {
  uint64_t fibers, switches, barriers, collectives, ldmatrix, ldmatrix_conflicts;
};
Stats& stats();
bool race_mode();  // linked with the race runtime
std::vector<std::string> race_reports();

[[noreturn]] void fail(const std::string& what, const char* file, int line);

// ---- memory ---------------------------------------------------------------------------------
void* shared_site(const void* key, size_t bytes, const char* name);
unsigned char* dynamic_shared();
bool in_shared(const void* p, size_t n);
void* device_alloc(size_t bytes);
void device_free(void* p);
void device_wrote(void* p, size_t bytes);  // host copy: marks bytes as initialised
template <class T>
class Buf {
 public:
  explicit Buf(size_t n) : p_(static_cast<T*>(device_alloc(n * sizeof(T)))), n_(n) {}
  explicit Buf(const std::vector<T>& v) : Buf(v.size()) {
    std::memcpy(static_cast<void*>(p_), v.data(), n_ * sizeof(T));
    device_wrote(p_, n_ * sizeof(T));
  }
  Buf(const Buf&) = delete;
  Buf& operator=(const Buf&) = delete;
  ~Buf() { device_free(p_); }
  T* get() { return p_; }
  std::vector<T> host() const { return std::vector<T>(p_, p_ + n_); }
 private:
  T* p_;
  size_t n_;
};

// ---- warp collectives -----------------------------------------------------------------------
// Every lane of `mask` deposits a pointer to its own argument struct; the last to arrive runs
// fn(args, mask) once for all; then all go on. `fn` doubles as the identity of the operation.
using CollFn = void (*)(void** args, unsigned mask);
void collective(unsigned mask, CollFn fn, void* arg, const char* op, bool orders_memory,
                const char* file, int line);
void block_barrier(const char* file, int line);
bool is_skipped(const char* file, int line);
int block_reduce_barrier(int op, int pred, const char* file, int line);
void maybe_yield();
void* atomic_enter(void* p, size_t n);  // race bookkeeping

namespace detail {
template <class T>
struct ShflArg {
  T in, out;
  int src;
};
template <class T>
void shfl_fn(void** a, unsigned mask) {
  for (unsigned l = 0; l < 32; l++)
    if (mask >> l & 1) {
      auto* me = static_cast<ShflArg<T>*>(a[l]);
      if (!(mask >> me->src & 1))
        fail("shuffle: lane " + std::to_string(l) + " reads lane " + std::to_string(me->src) +
                 ", which does not take part",
             nullptr, 0);
      me->out = static_cast<ShflArg<T>*>(a[me->src])->in;
    }
}
template <class T>
T shfl(unsigned mask, T v, int src, const char* op, const char* f, int l) {
  static_assert(sizeof(T) <= 16);
  ShflArg<T> a{v, v, src};
  collective(mask, &shfl_fn<T>, &a, op, false, f, l);
  return a.out;
}
struct VoteArg {
  unsigned in, out;
};
void vote_fn(void**, unsigned);
struct RedArg {
  unsigned in, out;
  int op;
};
void red_fn(void**, unsigned);
}  // namespace detail
}  // namespace simt

#define threadIdx (::simt::self->tid)
#define blockIdx (::simt::self->bid)
#define blockDim (::simt::self->bdim)
#define gridDim (::simt::self->gdim)
constexpr int warpSize = 32;

template <class T>
T __shfl_sync(unsigned m, T v, int src, int w = 32, SIMT_LOC) {
  int l = static_cast<int>(simt::self->lane);
  return simt::detail::shfl(m, v, (l & ~(w - 1)) | (src & (w - 1)), "shfl", file_, line_);
}
template <class T>
T __shfl_xor_sync(unsigned m, T v, int x, int w = 32, SIMT_LOC) {
  int l = static_cast<int>(simt::self->lane), s = l ^ x;
  return simt::detail::shfl(m, v, s > (l | (w - 1)) ? l : s, "shfl_xor", file_, line_);
}
template <class T>
T __shfl_up_sync(unsigned m, T v, unsigned d, int w = 32, SIMT_LOC) {
  int l = static_cast<int>(simt::self->lane), s = l - static_cast<int>(d);
  return simt::detail::shfl(m, v, s < (l & ~(w - 1)) ? l : s, "shfl_up", file_, line_);
}
template <class T>
T __shfl_down_sync(unsigned m, T v, unsigned d, int w = 32, SIMT_LOC) {
  int l = static_cast<int>(simt::self->lane), s = l + static_cast<int>(d);
  return simt::detail::shfl(m, v, s > (l | (w - 1)) ? l : s, "shfl_down", file_, line_);
}
inline unsigned __ballot_sync(unsigned m, int p, SIMT_LOC) {
  simt::detail::VoteArg a{p != 0, 0};
  simt::collective(m, &simt::detail::vote_fn, &a, "ballot", false, file_, line_);
  return a.out;
}
inline int __any_sync(unsigned m, int p, SIMT_LOC) {
  return __ballot_sync(m, p, file_, line_) != 0;
}
inline int __all_sync(unsigned m, int p, SIMT_LOC) {
  return __ballot_sync(m, !p, file_, line_) == 0;
}
inline unsigned simt_reduce_(unsigned m, unsigned v, int op, const char* f, int l) {
  simt::detail::RedArg a{v, 0, op};
  simt::collective(m, &simt::detail::red_fn, &a, "reduce", false, f, l);
  return a.out;
}
inline unsigned __reduce_add_sync(unsigned m, unsigned v, SIMT_LOC) {
  return simt_reduce_(m, v, 0, file_, line_);
}
inline unsigned __reduce_max_sync(unsigned m, unsigned v, SIMT_LOC) {
  return simt_reduce_(m, v, 1, file_, line_);
}
inline unsigned __reduce_min_sync(unsigned m, unsigned v, SIMT_LOC) {
  return simt_reduce_(m, v, 2, file_, line_);
}
inline unsigned __reduce_or_sync(unsigned m, unsigned v, SIMT_LOC) {
  return simt_reduce_(m, v, 3, file_, line_);
}
void simt_syncwarp_(unsigned m, const char* f, int l);
inline void __syncwarp(unsigned m = 0xffffffffu, SIMT_LOC) { simt_syncwarp_(m, file_, line_); }
inline void __syncthreads(SIMT_LOC) { simt::block_barrier(file_, line_); }
inline int __syncthreads_count(int p, SIMT_LOC) {
  return simt::block_reduce_barrier(0, p, file_, line_);
}
inline int __syncthreads_or(int p, SIMT_LOC) {
  return simt::block_reduce_barrier(0, p, file_, line_) != 0;
}
namespace simt {
void threadfence();
}
inline void __threadfence() { simt::threadfence(); }
inline void __threadfence_block() {
}  // orders this thread only; no barrier, so the race checker ignores it

// ---- atomics: real ones, so that blocks may run on several OS threads ------------------------
int atomicAdd(int*, int);
unsigned atomicAdd(unsigned*, unsigned);
float atomicAdd(float*, float);
int atomicMax(int*, int);
unsigned atomicMax(unsigned*, unsigned);
unsigned atomicInc(unsigned*, unsigned);
unsigned long long atomicAdd(unsigned long long*, unsigned long long);
unsigned long long atomicMax(unsigned long long*, unsigned long long);
unsigned atomicCAS(unsigned*, unsigned, unsigned);
unsigned atomicExch(unsigned*, unsigned);
unsigned atomicOr(unsigned*, unsigned);

// ---- math and bits --------------------------------------------------------------------------
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __exp2f(float x) { return std::exp2(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __saturatef(float a) { return a > 0 ? (a < 1 ? a : 1.0f) : 0.0f; }
inline unsigned __float_as_uint(float f) { return simt::detail::bits<unsigned>(f); }
inline float __uint_as_float(unsigned u) { return simt::detail::bits<float>(u); }
inline int __float_as_int(float f) { return simt::detail::bits<int>(f); }
inline float __int_as_float(int u) { return simt::detail::bits<float>(u); }
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
  const uint64_t both = (uint64_t{b} << 32U) | a;
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned nibble = selector >> (4 * i) & 15U;
    unsigned byte = static_cast<unsigned>(both >> (8 * (nibble & 7U))) & 255U;
    if (nibble & 8U) byte = byte & 128U ? 255U : 0U;
    result |= byte << (8 * i);
  }
  return result;
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x ? __builtin_clz(static_cast<unsigned>(x)) : 32; }
inline int __ffs(int x) { return __builtin_ffs(x); }
template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
void __stcs(T* p, T v) {
  *p = v;
}
using std::max;
using std::min;

// ---- instructions without a word in CUDA C++ -------------------------------------------------
namespace simt {
namespace detail {
void cp_async(void* dst, const void* src, int bytes, int src_bytes, const char* file, int line);
void cp_async_commit();
void cp_async_wait(int n);
struct LdmArg {
  uint32_t row[4];
  uint32_t out[4];
  const void* addr;
  int n;
  bool trans;
};
void ldmatrix(LdmArg&, const char* file, int line);
void ldm_check(const void* p, const char* file, int line);
struct MmaArg {
  float* d;
  const uint32_t* a;
  const uint32_t* b;
  int type;
};
void mma(MmaArg&, const char* file, int line);
inline void ldm_(uint32_t (&r)[4], const void* p, bool trans, const char* f, int l) {
  ldm_check(p, f, l);
  LdmArg a{};
  const uint32_t* w = static_cast<const uint32_t*>(p);
  for (int i = 0; i < 4; i++) a.row[i] = w[i];  // an ordinary (instrumented) read by this lane
  a.addr = p;
  a.n = 4;
  a.trans = trans;
  ldmatrix(a, f, l);
  for (int i = 0; i < 4; i++) r[i] = a.out[i];
}
}  // namespace detail
inline void cp_async16(void* dst, const void* src, int src_bytes = 16, SIMT_LOC) {
  detail::cp_async(dst, src, 16, src_bytes, file_, line_);
}
inline void cp_async_commit() { detail::cp_async_commit(); }
template <int N>
void cp_async_wait() {
  detail::cp_async_wait(N);
}
inline void ldmatrix_x4(uint32_t (&r)[4], const void* p, SIMT_LOC) {
  detail::ldm_(r, p, false, file_, line_);
}
inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* p, SIMT_LOC) {
  detail::ldm_(r, p, true, file_, line_);
}
template <class T>
void mma_16816(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], SIMT_LOC) {
  detail::MmaArg m{d, a, b, std::is_same_v<T, __half> ? 0 : 1};
  detail::mma(m, file_, line_);
}
inline uint4 load_streamed(const uint4* p) { return *p; }
void store_release_system(uint64_t* p, uint64_t v);

inline void pdl_trigger() {}
inline void pdl_wait() {}
}  // namespace simt
inline void __threadfence_system() { simt::threadfence(); }
