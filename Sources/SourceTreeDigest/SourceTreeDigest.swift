/// The sources that this program was built of: Package.swift and all beneath Sources, as `Scripts/dev/digest.sh` says it of a checkout.
///
/// The plugin writes `digestOfSources`. Nobody imports this module, since its importers would be compiled again with it: see `CSourceTree.h`.
@_cdecl("sgxbench_source_tree") public func sourceTree() -> UnsafePointer<CChar> {
  UnsafeRawPointer(digestOfSources.utf8Start).assumingMemoryBound(to: CChar.self)
}
