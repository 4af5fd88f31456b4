#include "fiber_runtime.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define SIMT_ASAN 0
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

// ---- context switch -------------------------------------------------------------------------
#if defined(SIMT_UCONTEXT)
#include <ucontext.h>
#elif defined(__x86_64__)
asm(R"(
.text
.type simt_switch,@function
.globl simt_switch
simt_switch:
  pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
  ret
.size simt_switch,.-simt_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.type simt_switch,%function
.globl simt_switch
simt_switch:
  sub sp, sp, #160
  stp x19,x20,[sp,#0]; stp x21,x22,[sp,#16]; stp x23,x24,[sp,#32]; stp x25,x26,[sp,#48]
  stp x27,x28,[sp,#64]; stp x29,x30,[sp,#80]
  stp d8,d9,[sp,#96]; stp d10,d11,[sp,#112]; stp d12,d13,[sp,#128]; stp d14,d15,[sp,#144]
  mov x9, sp
  str x9,[x0]
  mov sp, x1
  ldp x19,x20,[sp,#0]; ldp x21,x22,[sp,#16]; ldp x23,x24,[sp,#32]; ldp x25,x26,[sp,#48]
  ldp x27,x28,[sp,#64]; ldp x29,x30,[sp,#80]
  ldp d8,d9,[sp,#96]; ldp d10,d11,[sp,#112]; ldp d12,d13,[sp,#128]; ldp d14,d15,[sp,#144]
  add sp, sp, #160
  ret
)");
#else
#error add simt_switch for this CPU, or build with -DSIMT_UCONTEXT
#endif
#ifndef SIMT_UCONTEXT
extern "C" void simt_switch(void** save, void* to);
#endif

namespace simt {
thread_local Thread* self;
RaceHooks* race;
unsigned char* dev_base;

namespace {
enum class St : uint8_t { ready, barrier, coll, done };
struct CpAsync {
  void* dst;
  const void* src;
  int bytes, src_bytes;
};
#ifdef SIMT_UCONTEXT
using Ctx = ucontext_t;
#else
using Ctx = void*;
#endif
struct Warp;
}  // namespace
struct Fiber : Thread {
  Ctx ctx;
  Warp* warp;
  unsigned lin, pos;
  St st;
  const char *what, *file;
  int line, pred;
  std::vector<std::vector<CpAsync>> groups;  // committed, oldest first
  std::vector<CpAsync> open;
  void* fake;
  char* stack;
};
namespace {
struct Coll {
  unsigned mask, arrived;
  CollFn fn;
  const char *op, *file;
  int line;
  void* args[32];
};
struct Warp {
  unsigned id, exist, alive;
  std::vector<Coll> colls;
};
struct Site {
  const void* key;
  void* p;
};

constexpr unsigned kMax = 1024;
#ifdef SIMT_STACK
constexpr size_t kStack = SIMT_STACK;
#else
constexpr size_t kStack = SIMT_ASAN ? 256 * 1024 : 64 * 1024;
#endif
constexpr size_t kArena = 256 * 1024, kRed = 64;

struct Exec {
  std::vector<Fiber> f{kMax};
  std::vector<Warp> w{kMax / 32};
  char* stacks;
  unsigned char* arena;
  size_t used = 0, dyn = 0, payload = 0, limit = 0;
  std::vector<Site> sites;
  uint64_t ready[kMax / 64];
  unsigned at_pos[kMax];
  unsigned n = 0, alive = 0, arrived = 0, bid = 0;
  int votes = 0, vote_result = 0;
  const char* bar_file = nullptr;
  int bar_line = 0;
  bool uniform = false, failed = false, dirty = false;
  uint64_t rng = 1;
  Ctx main_ctx;
  void* main_fake = nullptr;
  const void* main_bottom = nullptr;
  size_t main_size = 0;
  Fiber* cur = nullptr;
  std::string error;
  void (*thunk)(void*) = nullptr;
  void* ctx = nullptr;
  Stats st{};
  Exec() {
    constexpr size_t guard = 4096, per = kStack + guard;
    void* m = mmap(nullptr, per * kMax, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m == MAP_FAILED) throw Error("simt: cannot map fiber stacks");
    stacks = static_cast<char*>(m);
    for (unsigned i = 0; i < kMax; i++) {
      mprotect(stacks + i * per, guard, PROT_NONE);
      f[i].stack = stacks + i * per + guard;
    }
    arena = static_cast<unsigned char*>(std::aligned_alloc(4096, kArena));
    std::memset(arena, 0xff, kArena);
  }
  ~Exec() {
    ASAN_UNPOISON_MEMORY_REGION(arena, kArena);
    munmap(stacks, (kStack + 4096) * kMax);
    std::free(arena);
  }
  uint64_t rnd() {
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng;
  }
};
thread_local Exec* ex;
std::mutex mu;
std::vector<std::unique_ptr<Exec>> pool;
Stats total;
uint64_t launches;
std::map<const void*, size_t> smem_opt_in;

void set_ready(Fiber* f) {
  f->st = St::ready;
  ex->ready[f->pos / 64] |= uint64_t(1) << (f->pos % 64);
}
Fiber* pick() {
  Exec& e = *ex;
  unsigned words = (e.n + 63) / 64, start = 0;
  if (e.uniform) start = static_cast<unsigned>(e.rnd() % e.n);
  unsigned w0 = start / 64;
  for (unsigned k = 0; k <= words; k++) {
    unsigned w = (w0 + k) % words;
    uint64_t v = e.ready[w];
    if (k == 0) v &= ~uint64_t(0) << (start % 64);
    if (v) {
      unsigned b = static_cast<unsigned>(__builtin_ctzll(v));
      e.ready[w] &= ~(uint64_t(1) << b);
      return &e.f[e.at_pos[w * 64 + b]];
    }
  }
  return nullptr;
}

void jump(Ctx& from, Ctx& to, void** fake_save, const void* bottom, size_t size) {
#if SIMT_ASAN
  __sanitizer_start_switch_fiber(fake_save, bottom, size);
#else
  (void)fake_save;
  (void)bottom;
  (void)size;
#endif
#ifdef SIMT_UCONTEXT
  swapcontext(&from, &to);
#else
  simt_switch(&from, to);
#endif
}
void landed(void* fake) {
#if SIMT_ASAN
  const void* b;
  size_t s;
  __sanitizer_finish_switch_fiber(fake, &b, &s);
  (void)b;
  (void)s;
#else
  (void)fake;
#endif
}
void to_main(bool finished) {
  Fiber* me = ex->cur;
  ex->cur = nullptr;
  self = nullptr;
  ex->st.switches++;
  jump(me->ctx, ex->main_ctx, finished ? nullptr : &me->fake, ex->main_bottom, ex->main_size);
  landed(me->fake);
}
void to_fiber(Fiber* n, bool finished = false) {
  Fiber* me = ex->cur;
  ex->cur = n;
  self = n;
  ex->st.switches++;
  jump(me->ctx, n->ctx, finished ? nullptr : &me->fake, n->stack, kStack);
  landed(me->fake);
}
std::string at(const char* f, int l) {
  if (!f) return "";
  const char* s = std::strrchr(f, '/');
  return std::string(s ? s + 1 : f) + ":" + std::to_string(l);
}
std::string stuck() {
  std::map<std::string, std::vector<unsigned>> g;
  for (unsigned i = 0; i < ex->n; i++) {
    Fiber& f = ex->f[i];
    if (f.st == St::done)
      g["returned"].push_back(i);
    else
      g[std::string(f.what ? f.what : "?") + " at " + at(f.file, f.line)].push_back(i);
  }
  std::string s = "deadlock: no thread can go on";
  for (auto& [k, v] : g) {
    s += "\n    " + std::to_string(v.size()) + " threads " + k + ":";
    for (size_t i = 0; i < v.size() && i < 6; i++) s += " " + std::to_string(v[i]);
    if (v.size() > 6) s += " ...";
  }
  return s;
}
void park() {
  Fiber* n = pick();
  if (!n) fail(stuck(), nullptr, 0);
  if (n != ex->cur) to_fiber(n);
}
void release_barrier() {
  Exec& e = *ex;
  e.arrived = 0;
  e.bar_file = nullptr;
  e.vote_result = e.votes;
  e.votes = 0;
  e.st.barriers++;
  if (race) race->block_barrier();
  for (unsigned i = 0; i < e.n; i++)
    if (e.f[i].st == St::barrier) set_ready(&e.f[i]);
}
void try_coll(Warp& w) {
  for (size_t i = 0; i < w.colls.size(); i++) {
    Coll& c = w.colls[i];
    unsigned need = c.mask & w.alive;
    if (c.arrived == need && need) {
      ex->st.collectives++;
      Coll k = c;
      w.colls.erase(w.colls.begin() + static_cast<long>(i));
      k.fn(k.args, k.arrived);
      for (unsigned l = 0; l < 32; l++)
        if (k.arrived >> l & 1) set_ready(&ex->f[w.id * 32 + l]);
      return;
    }
  }
}
[[gnu::noinline]] Fiber* fiber_main(Fiber* me) {
  Exec& e = *ex;
  try {
    e.thunk(e.ctx);
    me->st = St::done;
    if (!me->open.empty()) fail("thread returns with an uncommitted cp.async", nullptr, 0);
    e.alive--;
    me->warp->alive &= ~(1u << me->lane);
    if (e.arrived && options().strict_barriers)
      fail("thread returned while others wait at __syncthreads " + at(e.bar_file, e.bar_line),
           nullptr, 0);
    if (e.arrived && e.arrived == e.alive) release_barrier();
    try_coll(*me->warp);
    Fiber* n = pick();
    if (!n && e.alive) fail(stuck(), nullptr, 0);
    return n;
  } catch (const std::exception& x) {
    e.failed = true;
    e.error = x.what();
    return nullptr;
  }
}
void fiber_body() {
  Fiber* me = ex->cur;
  landed(me->fake);
  if (Fiber* n = fiber_main(me)) to_fiber(n, true);
  to_main(true);
  std::abort();
}
void init_ctx(Fiber& f, unsigned i) {
  f.fake = nullptr;
  size_t colour = (i * 7 % 32) * 128;  // spread stack tops over cache sets
#ifdef SIMT_UCONTEXT
  getcontext(&f.ctx);
  f.ctx.uc_stack.ss_sp = f.stack;
  f.ctx.uc_stack.ss_size = kStack - colour;
  f.ctx.uc_link = nullptr;
  makecontext(&f.ctx, fiber_body, 0);
#else
  char* top = f.stack + kStack - colour;
  top -= reinterpret_cast<uintptr_t>(top) & 15;
  void** sp = reinterpret_cast<void**>(top);
#if defined(__x86_64__)
  *--sp = nullptr;  // keeps rsp % 16 == 8 at entry
  *--sp = reinterpret_cast<void*>(&fiber_body);
  for (int k = 0; k < 6; k++) *--sp = nullptr;
#else
  sp -= 20;
  for (int k = 0; k < 20; k++) sp[k] = nullptr;
  sp[11] = reinterpret_cast<void*>(&fiber_body);
#endif
  f.ctx = sp;
#endif
}

void run_block(const Launch& l, unsigned bid, size_t smem_limit, uint64_t seed) {
  Exec& e = *ex;
  const Options& o = options();
  e.n = l.block.x * l.block.y * l.block.z;
  e.alive = e.n;
  e.arrived = 0;
  e.bid = bid;
  e.votes = 0;
  e.failed = false;
  e.error.clear();
  e.rng = seed * 0x9e3779b97f4a7c15ull + bid * 0xbf58476d1ce4e5b9ull + 1;
  for (int i = 0; i < 8; i++) e.rnd();
  e.uniform = o.order == Order::random && (e.rnd() & 1);
  // shared memory: dynamic part first, exactly as large as the launch says, then a red zone
  ASAN_UNPOISON_MEMORY_REGION(e.arena, kArena);
  std::memset(e.arena, 0xff, e.used);  // NaN for what the last block left
  ASAN_POISON_MEMORY_REGION(e.arena, kArena);
  e.sites.clear();
  e.dyn = l.shared_bytes;
  e.payload = l.shared_bytes;
  e.limit = smem_limit;
  ASAN_UNPOISON_MEMORY_REGION(e.arena, l.shared_bytes);
  e.used = (l.shared_bytes + kRed + 127) / 128 * 128;
  if (race) {
    race->block_begin(e.arena, kArena);
    race->shared_valid(0, l.shared_bytes);
  }
  std::memset(e.ready, 0, sizeof e.ready);
  unsigned nw = (e.n + 31) / 32;
  unsigned wperm[32], lperm[32];
  for (unsigned i = 0; i < 32; i++) wperm[i] = lperm[i] = i;
  if (o.order == Order::random) {
    for (unsigned i = nw; i-- > 1;) std::swap(wperm[i], wperm[e.rnd() % (i + 1)]);
    if (e.n % 32 == 0)
      for (unsigned i = 32; i-- > 1;) std::swap(lperm[i], lperm[e.rnd() % (i + 1)]);
    if (e.n % 32)
      for (unsigned i = 0; i < 32; i++) wperm[i] = i;
  }
  for (unsigned i = 0; i < nw; i++) {
    Warp& w = e.w[i];
    unsigned c = std::min(32u, e.n - i * 32);
    w.id = i;
    w.exist = w.alive = c == 32 ? ~0u : (1u << c) - 1;
    w.colls.clear();
  }
  uint3 b{bid % l.grid.x, bid / l.grid.x % l.grid.y, bid / (l.grid.x * l.grid.y)};
  for (unsigned i = 0; i < e.n; i++) {
    Fiber& f = e.f[i];
    f.tid = {i % l.block.x, i / l.block.x % l.block.y, i / (l.block.x * l.block.y)};
    f.bid = b;
    f.bdim = l.block;
    f.gdim = l.grid;
    f.lane = i % 32;
    f.lin = i;
    f.warp = &e.w[i / 32];
    f.what = nullptr;
    f.file = nullptr;
    f.groups.clear();
    f.open.clear();
    f.pos = o.order == Order::forward   ? i
            : o.order == Order::reverse ? e.n - 1 - i
                                        : wperm[i / 32] * 32 + lperm[i % 32];
    e.at_pos[f.pos] = i;
#if SIMT_ASAN
    if (e.dirty)
      ASAN_UNPOISON_MEMORY_REGION(f.stack, kStack);
    else
      ASAN_UNPOISON_MEMORY_REGION(f.stack + kStack - 8192,
                                  8192);  // fiber_body's frame never returned
#endif
    init_ctx(f, i);
    set_ready(&f);
  }
  e.dirty = false;
  e.st.fibers += e.n;
  Fiber* n = pick();
  e.cur = n;
  self = n;
#if SIMT_ASAN
  // learn this OS thread's stack bounds for the way back
  if (!e.main_size) {
    pthread_attr_t at;
    pthread_getattr_np(pthread_self(), &at);
    void* sp;
    size_t ss;
    pthread_attr_getstack(&at, &sp, &ss);
    pthread_attr_destroy(&at);
    e.main_bottom = sp;
    e.main_size = ss;
  }
#endif
  jump(e.main_ctx, n->ctx, &e.main_fake, n->stack, kStack);
  landed(e.main_fake);
  if (e.failed) {
    e.dirty = true;
    throw Error(e.error);
  }
}
}  // namespace

Options& options() {
  static Options o = [] {
    Options v;
    if (const char* s = std::getenv("SIMT_ORDER"))
      v.order = *s == 'r' && s[1] == 'e' ? Order::reverse
                : *s == 'r'              ? Order::random
                                         : Order::forward;
    if (const char* s = std::getenv("SIMT_SEED")) v.seed = static_cast<unsigned>(std::atoi(s));
    if (const char* s = std::getenv("SIMT_THREADS")) v.os_threads = std::atoi(s);
    return v;
  }();
  return o;
}
Stats& stats() { return total; }
bool race_mode() { return race != nullptr; }
Loc where() { return {ex->cur->lin, ex->bid}; }
bool on_fiber_stack(const void* p) {
  auto c = static_cast<const char*>(p);
  return c >= ex->stacks && c < ex->stacks + (kStack + 4096) * kMax;
}
bool in_fiber_data(const void* p) {
  auto c = static_cast<const char*>(p);
  return (c >= reinterpret_cast<char*>(ex->f.data()) &&
          c < reinterpret_cast<char*>(ex->f.data() + kMax)) ||
         reinterpret_cast<uintptr_t>(p) - reinterpret_cast<uintptr_t>(&self) + 4096 < 8192;
}

// Thrown on the failing fiber's own stack (so its frames unwind), caught in fiber_body. The block's other
// fibers are abandoned where they stand: kernels hold no resources.
void fail(const std::string& what, const char* file, int line) {
  if (!ex || !ex->cur) throw Error("simt: " + what);
  Fiber* f = ex->cur;
  throw Error("simt: block (" + std::to_string(f->bid.x) + "," + std::to_string(f->bid.y) + "," +
              std::to_string(f->bid.z) + ") thread " + std::to_string(f->lin) +
              (file ? " at " + at(file, line) : "") + ": " + what);
}

void allow_shared_bytes_(const void* k, size_t bytes) {
  if (bytes > options().max_smem)
    throw Error("simt: allow_shared_bytes " + std::to_string(bytes) + " is over the limit");
  std::lock_guard g(mu);
  smem_opt_in[k] = bytes;
}

void run_grid(const Launch& l, void (*thunk)(void*), void* ctx, size_t ctx_bytes,
              const void* kernel) {
  size_t th = size_t(l.block.x) * l.block.y * l.block.z;
  size_t nb = size_t(l.grid.x) * l.grid.y * l.grid.z, limit = 48 * 1024;
  {
    std::lock_guard g(mu);
    auto it = smem_opt_in.find(kernel);
    if (it != smem_opt_in.end()) limit = std::max(limit, it->second);
    launches++;
  }
  if (th == 0 || th > 1024 || l.block.z > 64)
    throw Error("simt: invalid block size " + std::to_string(th));
  if (nb == 0 || l.grid.y > 65535 || l.grid.z > 65535) throw Error("simt: invalid grid");
  if (l.shared_bytes > limit)
    throw Error("simt: " + std::to_string(l.shared_bytes) +
                " bytes of dynamic shared memory need allow_shared_bytes");
  const Options& o = options();
  std::atomic<size_t> next{0};
  std::string err;
  if (race) race->launch_begin(ctx, ctx_bytes);
  auto work = [&] {
    {
      std::lock_guard g(mu);
      if (pool.empty()) pool.push_back(std::make_unique<Exec>());
      ex = pool.back().release();
      pool.pop_back();
    }
    ex->thunk = thunk;
    ex->ctx = ctx;
    ex->main_size = 0;
    try {
      for (size_t i; (i = next++) < nb;) {
        size_t b = o.order == Order::reverse ? nb - 1 - i : i;
        run_block(l, static_cast<unsigned>(b), limit, o.seed * 1000003ull + launches);
      }
    } catch (const Error& x) {
      std::lock_guard g(mu);
      if (err.empty()) err = x.what();
      next = nb;
    }
    std::lock_guard g(mu);
    total.fibers += ex->st.fibers;
    total.switches += ex->st.switches;
    total.barriers += ex->st.barriers;
    total.collectives += ex->st.collectives;
    total.ldmatrix += ex->st.ldmatrix;
    total.ldmatrix_conflicts += ex->st.ldmatrix_conflicts;
    ex->st = {};
    pool.emplace_back(ex);
    ex = nullptr;
  };
  size_t nt = race ? 1 : std::min<size_t>(static_cast<size_t>(std::max(1, o.os_threads)), nb);
  if (nt == 1)
    work();
  else {
    std::vector<std::thread> t;
    for (size_t i = 0; i < nt; i++) t.emplace_back(work);
    for (auto& x : t) x.join();
  }
  if (!err.empty()) throw Error(err);
  const std::vector<std::string> reports = race_reports();
  if (!reports.empty()) {
    std::string text;
    for (const std::string& report : reports) text += "RACE " + report + "\n";
    throw Error(text);
  }
}

// ---- memory ---------------------------------------------------------------------------------
void* shared_site(const void* key, size_t bytes, const char* name) {
  Exec& e = *ex;
  for (auto& s : e.sites)
    if (s.key == key) return s.p;
  size_t off = e.used;
  e.payload += (bytes + 15) / 16 * 16;
  if (e.payload > e.limit || off + bytes + kRed > kArena)
    fail(std::string("shared memory: ") + name + " brings the block to " +
             std::to_string(e.payload) + " bytes, limit " + std::to_string(e.limit),
         nullptr, 0);
  e.used = (off + bytes + kRed + 127) / 128 * 128;
  ASAN_UNPOISON_MEMORY_REGION(e.arena + off, bytes);
  if (race) race->shared_valid(off, bytes);
  e.sites.push_back({key, e.arena + off});
  return e.arena + off;
}
unsigned char* dynamic_shared() { return ex->arena; }
bool in_shared(const void* p, size_t n) {
  auto c = static_cast<const unsigned char*>(p);
  return c >= ex->arena && c + n <= ex->arena + kArena;
}
void* device_alloc(size_t bytes) {
  if (!race) {  // exact size, so that ASan sees the first byte past the end
    void* p = nullptr;
    if (posix_memalign(&p, 256, std::max<size_t>(bytes, 1))) throw Error("simt: out of memory");
    return p;
  }
  static size_t top = 0;
  if (!dev_base) {
    void* m = mmap(nullptr, dev_size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    dev_base = static_cast<unsigned char*>(m);
  }
  void* p = dev_base + top + 256;
  top += (bytes + 255) / 256 * 256 + 512;
  if (top > dev_size) throw Error("simt: race-mode device memory is used up");
  race->dev_alloc(p, bytes);
  return p;
}
void device_free(void* p) {
  if (!race)
    std::free(p);
  else
    race->dev_free(p, 0);
}
void device_wrote(void* p, size_t n) {
  if (race) race->dev_wrote(p, n);
}

// ---- barriers and collectives ---------------------------------------------------------------
// For the mutation test: SIMT_LIST_BARRIERS names a file for the places of all barriers met,
// SIMT_SKIP_BARRIER a place whose barrier does nothing.
bool is_skipped(const char* file, int line) {
  static const char* const list = std::getenv("SIMT_LIST_BARRIERS");
  static const char* const skipped = std::getenv("SIMT_SKIP_BARRIER");
  if (list == nullptr && skipped == nullptr) return false;
  const std::string place = at(file, line);
  if (list != nullptr) {
    static std::mutex mutex;
    static std::set<std::string> met;
    const std::lock_guard lock(mutex);
    if (met.insert(place).second) std::ofstream(list, std::ios::app) << place << '\n';
  }
  return skipped != nullptr && place == skipped;
}
void block_barrier(const char* file, int line) {
  if (!is_skipped(file, line)) block_reduce_barrier(0, 0, file, line);
}
int block_reduce_barrier(int, int pred, const char* file, int line) {
  Exec& e = *ex;
  Fiber* f = e.cur;
  if (options().strict_barriers) {
    if (e.alive != e.n)
      fail("__syncthreads after " + std::to_string(e.n - e.alive) + " threads have returned", file,
           line);
    if (e.arrived && (line != e.bar_line || std::strcmp(file, e.bar_file) != 0))
      fail("divergent __syncthreads: other threads wait at " + at(e.bar_file, e.bar_line), file,
           line);
  }
  e.bar_file = file;
  e.bar_line = line;
  e.votes += pred != 0;
  f->st = St::barrier;
  f->what = "in __syncthreads";
  f->file = file;
  f->line = line;
  if (++e.arrived == e.alive) release_barrier();
  park();
  return e.vote_result;
}
void collective(unsigned mask, CollFn fn, void* arg, const char* op, bool, const char* file,
                int line) {
  Exec& e = *ex;
  Fiber* f = e.cur;
  Warp& w = *f->warp;
  if (!(mask >> f->lane & 1))
    fail(std::string(op) + ": the mask does not name the calling lane " + std::to_string(f->lane),
         file, line);
  Coll* c = nullptr;
  for (auto& k : w.colls) {
    if (k.mask == mask) {
      c = &k;
      break;
    }
    if (k.mask & mask)
      fail(std::string(op) + ": mask overlaps that of " + k.op + " at " + at(k.file, k.line), file,
           line);
  }
  if (!c) {
    w.colls.push_back({mask, 0, fn, op, file, line, {}});
    c = &w.colls.back();
  }
  if (c->fn != fn || c->op != op)
    fail(std::string(op) + ": other lanes of this mask are in " + c->op + " at " +
             at(c->file, c->line),
         file, line);
  c->args[f->lane] = arg;
  c->arrived |= 1u << f->lane;
  f->st = St::coll;
  f->what = op;
  f->file = file;
  f->line = line;
  try_coll(w);
  park();
}
namespace detail {
void vote_fn(void** a, unsigned mask) {
  unsigned r = 0;
  for (unsigned l = 0; l < 32; l++)
    if (mask >> l & 1) r |= static_cast<VoteArg*>(a[l])->in << l;
  for (unsigned l = 0; l < 32; l++)
    if (mask >> l & 1) static_cast<VoteArg*>(a[l])->out = r;
}
void red_fn(void** a, unsigned mask) {
  bool first = true;
  unsigned r = 0;
  for (unsigned l = 0; l < 32; l++)
    if (mask >> l & 1) {
      auto* x = static_cast<RedArg*>(a[l]);
      if (first)
        r = x->in;
      else
        switch (x->op) {
          case 0:
            r += x->in;
            break;
          case 1:
            r = std::max(r, x->in);
            break;
          case 2:
            r = std::min(r, x->in);
            break;
          default:
            r |= x->in;
        }
      first = false;
    }
  for (unsigned l = 0; l < 32; l++)
    if (mask >> l & 1) static_cast<RedArg*>(a[l])->out = r;
}

void finish(const CpAsync& c) {
  if (race) {
    if (c.src_bytes)
      race->read(c.src, static_cast<size_t>(c.src_bytes), __builtin_return_address(0));
    race->write(c.dst, static_cast<size_t>(c.bytes), __builtin_return_address(0));
  }
  std::memcpy(c.dst, c.src, static_cast<size_t>(c.src_bytes));
  std::memset(static_cast<char*>(c.dst) + c.src_bytes, 0,
              static_cast<size_t>(c.bytes - c.src_bytes));
}
void cp_async(void* dst, const void* src, int bytes, int src_bytes, const char* file, int line) {
  if (reinterpret_cast<uintptr_t>(dst) % static_cast<unsigned>(bytes))
    fail("cp.async: misaligned shared address", file, line);
  if (src_bytes && reinterpret_cast<uintptr_t>(src) % static_cast<unsigned>(bytes))
    fail("cp.async: misaligned global address", file, line);
  if (!in_shared(dst, static_cast<size_t>(bytes)))
    fail("cp.async: destination is not in shared memory", file, line);
  if (src_bytes < 0 || src_bytes > bytes) fail("cp.async: bad source size", file, line);
  Fiber* f = ex->cur;
  if (race)
    race->write(dst, static_cast<size_t>(bytes),
                __builtin_return_address(0));  // may land from now on
  CpAsync c{dst, src, bytes, src_bytes};
  bool eager = options().eager_cp_async || (options().order == Order::random && (ex->rnd() & 1));
  if (eager && !race)
    finish(c);
  else
    f->open.push_back(c);
}
void cp_async_commit() {
  Fiber* f = ex->cur;
  f->groups.push_back(std::move(f->open));
  f->open.clear();
}
void cp_async_wait(int n) {
  Fiber* f = ex->cur;
  while (f->groups.size() > static_cast<size_t>(n)) {
    for (auto& c : f->groups.front()) finish(c);
    f->groups.erase(f->groups.begin());
  }
}

void ldm_check(const void* p, const char* file, int line) {
  if (reinterpret_cast<uintptr_t>(p) % 16)
    fail("ldmatrix: row address is not 16-byte aligned", file, line);
  if (!in_shared(p, 16)) fail("ldmatrix: row address is not in shared memory", file, line);
}
void ldm_fn(void** a, unsigned mask) {
  if (mask != ~0u) fail("ldmatrix: needs all 32 lanes", nullptr, 0);
  for (int m = 0; m < 4; m++) {
    const LdmArg* r[8];
    unsigned hit[8] = {};
    for (int i = 0; i < 8; i++) {
      r[i] = static_cast<LdmArg*>(a[m * 8 + i]);
      hit[reinterpret_cast<uintptr_t>(r[i]->addr) / 16 % 8]++;
    }
    ex->st.ldmatrix++;
    ex->st.ldmatrix_conflicts += *std::max_element(hit, hit + 8) - 1;
    for (int l = 0; l < 32; l++) {
      auto* me = static_cast<LdmArg*>(a[l]);
      int row = l / 4, c = l % 4;
      if (!me->trans)
        me->out[m] = r[row]->row[c];
      else {
        auto el = [&](int i, int j) { return r[i]->row[j / 2] >> (j % 2 * 16) & 0xffffu; };
        me->out[m] = el(2 * c, row) | el(2 * c + 1, row) << 16;
      }
    }
  }
}
void ldmatrix(LdmArg& a, const char* file, int line) {
  collective(~0u, &ldm_fn, &a, a.trans ? "ldmatrix.trans" : "ldmatrix", false, file, line);
}
void mma_fn(void** p, unsigned mask) {
  if (mask != ~0u) fail("mma: needs all 32 lanes", nullptr, 0);
  float A[16][16], B[16][8];
  auto cv = [](uint32_t w, int hi, int type) {
    uint16_t h = static_cast<uint16_t>(w >> (hi * 16));
    return type == 0 ? h2f(h) : b2f(h);
  };
  for (int l = 0; l < 32; l++) {
    auto* m = static_cast<MmaArg*>(p[l]);
    int g = l / 4, t = l % 4 * 2;
    for (int i = 0; i < 4; i++)
      for (int h = 0; h < 2; h++)
        A[g + (i & 1) * 8][t + (i >> 1) * 8 + h] = cv(m->a[i], h, m->type);
    for (int i = 0; i < 2; i++)
      for (int h = 0; h < 2; h++) B[t + i * 8 + h][g] = cv(m->b[i], h, m->type);
  }
  float D[16][8] = {};
  for (int i = 0; i < 16; i++)
    for (int k = 0; k < 16; k++)
      for (int j = 0; j < 8; j++) D[i][j] += A[i][k] * B[k][j];
  for (int l = 0; l < 32; l++) {
    auto* m = static_cast<MmaArg*>(p[l]);
    int g = l / 4, t = l % 4 * 2;
    for (int i = 0; i < 4; i++) m->d[i] += D[g + (i >> 1) * 8][t + (i & 1)];
  }
}
void mma(MmaArg& m, const char* file, int line) {
  collective(~0u, &mma_fn, &m, "mma", false, file, line);
}
}  // namespace detail

namespace {
Submitter submitter_;
}
void set_submitter(Submitter s) { submitter_ = s; }
void submit(Stream stream, std::function<void()> work) {
  if (submitter_)
    submitter_(stream, std::move(work));
  else
    work();
}
void store_release_system(uint64_t* p, uint64_t v) {
  if (race) race->fence();
  atomic_enter(p, sizeof *p);
  __atomic_store_n(p, v, __ATOMIC_RELEASE);
}
void* atomic_enter(void* p, size_t n) {
  if (race && ex && ex->cur) race->atomic(p, n, __builtin_return_address(0));
  return p;
}
void threadfence() {
  if (race) race->fence();
}
void maybe_yield() {
  if (ex && ex->cur && ex->uniform && (ex->rnd() & 3) == 0) {
    set_ready(ex->cur);
    park();
  }
}
}  // namespace simt

static void syncwarp_fn(void** a, unsigned mask) {
  if (simt::race) simt::race->warp_sync(*static_cast<unsigned*>(a[__builtin_ctz(mask)]), mask);
}
void simt_syncwarp_(unsigned m, const char* f, int l) {
  if (simt::is_skipped(f, l)) return;
  unsigned w = simt::where().lin / 32;
  simt::collective(m, &syncwarp_fn, &w, "__syncwarp", true, f, l);
}

#define ATOMIC(T)      \
  simt::maybe_yield(); \
  simt::atomic_enter(p, sizeof(T))
int atomicAdd(int* p, int v) {
  ATOMIC(int);
  return __atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}
unsigned atomicAdd(unsigned* p, unsigned v) {
  ATOMIC(int);
  return __atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}
template <class T, class F>
static T rmw(T* p, F f) {
  T o;
  __atomic_load(p, &o, __ATOMIC_RELAXED);
  for (T n = f(o); !__atomic_compare_exchange(p, &o, &n, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
       n = f(o)) {
  }
  return o;
}
float atomicAdd(float* p, float v) {
  ATOMIC(float);
  return rmw(p, [v](float o) { return o + v; });
}
unsigned long long atomicAdd(unsigned long long* p, unsigned long long v) {
  ATOMIC(unsigned long long);
  return __atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}
unsigned long long atomicMax(unsigned long long* p, unsigned long long v) {
  ATOMIC(unsigned long long);
  return rmw(p, [v](unsigned long long o) { return std::max(o, v); });
}
int atomicMax(int* p, int v) {
  ATOMIC(int);
  return rmw(p, [v](int o) { return std::max(o, v); });
}
unsigned atomicMax(unsigned* p, unsigned v) {
  ATOMIC(int);
  return rmw(p, [v](unsigned o) { return std::max(o, v); });
}
unsigned atomicInc(unsigned* p, unsigned v) {
  ATOMIC(int);
  return rmw(p, [v](unsigned o) { return o >= v ? 0 : o + 1; });
}
unsigned atomicCAS(unsigned* p, unsigned c, unsigned v) {
  ATOMIC(int);
  return rmw(p, [c, v](unsigned o) { return o == c ? v : o; });
}
unsigned atomicExch(unsigned* p, unsigned v) {
  ATOMIC(int);
  return __atomic_exchange_n(p, v, __ATOMIC_RELAXED);
}
unsigned atomicOr(unsigned* p, unsigned v) {
  ATOMIC(int);
  return __atomic_fetch_or(p, v, __ATOMIC_RELAXED);
}
