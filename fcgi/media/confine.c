#include "media/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPU_SECONDS 60
#define MEMORY_BYTES ((rlim_t)1 << 30)

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__loongarch64)
#define ARCH AUDIT_ARCH_LOONGARCH64
#else
#error "seccomp: name this machine's AUDIT_ARCH, little-endian, 64 bits"
#endif

#ifdef __has_feature
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define ARGUMENT(i) ((unsigned)offsetof(struct seccomp_data, args[i]))
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define JUMP(op, k, yes, no) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, yes, no)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define KILL RETURN(SECCOMP_RET_KILL_PROCESS)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)

/* The number of the call is loaded; what does not match goes on. */
#define CALL(nr) JUMP(BPF_JEQ, nr, 0, 1), ALLOW
/* The call, with this first argument; with another: the end. */
#define CALL_ON(nr, fd)                                                      \
	JUMP(BPF_JEQ, nr, 0, 4), LOAD(ARGUMENT(0)), JUMP(BPF_JEQ, fd, 0, 1), \
	    ALLOW, KILL
/* Memory, but none that can be executed. */
#define CALL_PLAIN(nr)                              \
	JUMP(BPF_JEQ, nr, 0, 4), LOAD(ARGUMENT(2)), \
	    JUMP(BPF_JSET, PROT_EXEC, 1, 0), ALLOW, KILL

/* clang-format off */
static struct sock_filter rules[] = {
	LOAD((unsigned)offsetof(struct seccomp_data, arch)),
	JUMP(BPF_JEQ, ARCH, 1, 0),
	KILL,
	LOAD((unsigned)offsetof(struct seccomp_data, nr)),
	CALL_ON(SYS_read, STDIN_FILENO),
	CALL_ON(SYS_write, STDOUT_FILENO),
	CALL_PLAIN(SYS_mmap),
	CALL(SYS_munmap),
	CALL(SYS_mremap),
	CALL(SYS_madvise),
	CALL(SYS_brk),
	CALL(SYS_exit_group),
	CALL(SYS_rt_sigreturn),
#if SANITIZED
	/* What their allocator and their bookkeeping need besides. */
	CALL(SYS_mprotect),
	CALL(SYS_futex),
	CALL(SYS_sched_yield),
	CALL(SYS_gettid),
	CALL(SYS_getpid),
	CALL(SYS_rt_sigprocmask),
	CALL(SYS_sigaltstack),
#endif
	KILL,
};
/* clang-format on */

static int
limit(int what, rlim_t n)
{
	struct rlimit l = {n, n};

	return setrlimit((__rlimit_resource_t)what, &l);
}

static int
set_limits(void)
{
	/* Sanitizers reserve terabytes of addresses. */
	if (!SANITIZED && limit(RLIMIT_AS, MEMORY_BYTES) < 0)
		return -1;
	if (limit(RLIMIT_CPU, CPU_SECONDS) < 0 || limit(RLIMIT_FSIZE, 0) < 0 ||
	    limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NOFILE, 3) < 0)
		return -1;
	return 0;
}

int
confine_enter(void)
{
	struct sock_fprog program = {
	    .len = sizeof(rules) / sizeof(rules[0]),
	    .filter = rules,
	};

	/* Older kernels do not know it; whoever starts us closes them, too. */
	if (close_range(STDERR_FILENO + 1, ~0U, 0) < 0 && errno != ENOSYS)
		return -1;
	if (set_limits() < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
