use std::ffi::{c_char, CStr};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Answer { ending: i32, error: i32, signal: i32, value: i64 }

#[link(name = "sgxbench-c")]
unsafe extern "C" {
    fn sgxbench_version() -> *const c_char;
    fn sgxbench_machine_create(options: *const u8, machine: *mut *mut u8, message: *mut c_char, room: usize) -> i32;
    fn sgxbench_machine_free(machine: *mut u8);
    fn sgxbench_process_create(machine: *mut u8, options: *const u8) -> i32;
    fn sgxbench_open(machine: *mut u8, process: i32, path: *const c_char) -> Answer;
    fn sgxbench_ioctl(machine: *mut u8, process: i32, fd: i32, command: u32, argument: *mut u64) -> Answer;
}

fn main() {
    let mut machine = null_mut();
    unsafe {
        assert!(!CStr::from_ptr(sgxbench_version()).to_bytes().is_empty());
        assert_eq!(sgxbench_machine_create(null(), &mut machine, null_mut(), 0), 0);
        let process = sgxbench_process_create(machine, null());
        let opened = sgxbench_open(machine, process, c"/dev/sgx_enclave".as_ptr());
        println!("open: {} {} {} {}", opened.ending, opened.error, opened.signal, opened.value);
        let mut nowhere = 0x1000u64;
        let created = sgxbench_ioctl(machine, process, opened.value as i32, 0x4008_A400, &mut nowhere);
        println!("CREATE: errno {}", created.error);
        sgxbench_machine_free(machine);
    }
}
