import SGXArchitecture

/// What becomes of a thread's access to one page.
public enum MemoryVerdict: Hashable, Sendable {
  /// A page of the enclave it is in.
  case enclave(PhysPageNumber)
  /// Ordinary memory by these page tables: whoever keeps it goes on.
  case memory
  /// EPC touched from outside: reads give FFH, writes are dropped (SDM 3D, "Enclave Access Control").
  case abortPage
  case fault(CPUFault)
}

extension Processor {
  /// Judges an access to the page that holds `address`: by page table and EPCM inside the enclave's range, by page table elsewhere
  /// (SDM 3D, "Access-control Requirements").
  public func judge<Tables: AddressTranslation>(
    _ address: LinearAddress, _ access: MemoryAccess, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> MemoryVerdict {
    throwOutIfLost(&cpu)
    guard let entry = cpu.entry, entry.contains(address) else { return judgeOutside(address, access, by: cpu, through: tables) }
    guard address.isCanonical else { return .fault(.generalProtection) }
    let cached: TranslationCache.Entry
    if let known = cpu.translations[address] {
      cached = known
    } else {
      switch walk(address, access, of: entry, through: tables) {
      case .success(let found): cached = found
      case .failure(let fault): return .fault(fault)
      }
      cpu.translations.insert(cached, for: address)
    }
    if let refusal = refusal(of: cached, at: address, access) {
      // A fault takes the translation with it, so that the next try sees tables and EPCM as they are.
      cpu.translations.remove(address)
      return .fault(refusal)
    }
    return .enclave(cached.page)
  }

  private func judgeOutside(
    _ address: LinearAddress, _ access: MemoryAccess, by cpu: borrowing LogicalProcessor, through tables: some AddressTranslation
  ) -> MemoryVerdict {
    // In enclave mode code comes from the enclave alone.
    if cpu.isInEnclave, access == .execute { return .fault(.generalProtection) }
    guard address.isCanonical else { return .fault(.generalProtection) }
    switch tables.translation(of: address) {
    case .none: return .fault(.threadPageFault(address, [.user, access.faultCode]))
    case .epc(_, let rights), .memory(let rights):
      guard rights.contains(access.right) else { return .fault(.threadPageFault(address, [.present, .user, access.faultCode])) }
      if case .epc = tables.translation(of: address) { return .abortPage }
      return .memory
    }
  }

  /// Makes a translation: this is where the EPCM is consulted.
  private func walk(
    _ address: LinearAddress, _ access: MemoryAccess, of enclave: borrowing EnclaveEntry, through tables: some AddressTranslation
  ) -> Result<TranslationCache.Entry, CPUFault> {
    switch tables.translation(of: address) {
    case .none:
      return .failure(.threadPageFault(address, [.user, access.faultCode]))
    case .memory(let rights):
      return .failure(.threadPageFault(address, rights.contains(access.right) ? .epcm(access) : [.present, .user, access.faultCode]))
    case .epc(let page, let rights):
      guard rights.contains(access.right) else { return .failure(.threadPageFault(address, [.present, .user, access.faultCode])) }
      let entry = epcm[page.rawValue]
      let isShadowStack = entry.isValid && (entry.type == .ssFirst || entry.type == .ssRest)
      guard isUsable(page, at: address, [], type: isShadowStack ? entry.type : .reg, by: enclave.thread.secsIndex) else {
        return .failure(.threadPageFault(address, .epcm(access)))
      }
      // Ordinary stores do not reach shadow stacks.
      let granted = isShadowStack ? entry.permissions.intersection(.read) : entry.permissions
      return .success(TranslationCache.Entry(page: page, tableRights: rights, epcmRights: granted))
    }
  }

  private func refusal(of cached: TranslationCache.Entry, at address: LinearAddress, _ access: MemoryAccess) -> CPUFault? {
    guard cached.tableRights.contains(access.right) else {
      return .threadPageFault(address, [.present, .user, access.faultCode])
    }
    return cached.epcmRights.contains(access.right) ? nil : .threadPageFault(address, .epcm(access))
  }

  /// Loads bytes of the enclave the thread is in. All pages are judged before anything is read.
  ///
  /// - Returns: the bytes; `memory` or `abortPage` where the range is not all the enclave's, which is for the caller to split.
  public func load<Tables: AddressTranslation>(
    _ count: Int, at address: LinearAddress, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> Result<[UInt8], MemoryRefusal> {
    var bytes: [UInt8] = []
    for piece in MemoryPiece.pieces(of: count, at: address) {
      switch judge(piece.address, .read, by: &cpu, through: tables) {
      case .enclave(let page): bytes += epc[page].bytes(piece.offset..<(piece.offset + piece.count))
      case .memory: return .failure(.memory)
      case .abortPage: return .failure(.abortPage)
      case .fault(let fault): return .failure(.fault(fault))
      }
    }
    return .success(bytes)
  }

  /// Stores bytes into the enclave the thread is in; nil when it was done. All pages are judged before anything is written.
  public mutating func store<Tables: AddressTranslation>(
    _ bytes: [UInt8], at address: LinearAddress, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> MemoryRefusal? {
    var done = 0
    var stores: [(PhysPageNumber, MemoryPiece, Range<Int>)] = []
    for piece in MemoryPiece.pieces(of: bytes.count, at: address) {
      switch judge(piece.address, .write, by: &cpu, through: tables) {
      case .enclave(let page): stores.append((page, piece, done..<(done + piece.count)))
      case .memory: return .memory
      case .abortPage: return .abortPage
      case .fault(let fault): return .fault(fault)
      }
      done += piece.count
    }
    for (page, piece, range) in stores { epc[page].store(Array(bytes[range]), at: piece.offset) }
    return nil
  }
}

/// Why bytes were not loaded or stored.
public enum MemoryRefusal: Error, Hashable, Sendable {
  case memory
  case abortPage
  case fault(CPUFault)
}

/// The part of a range that lies in one page.
private struct MemoryPiece {
  let address: LinearAddress
  let count: Int
  var offset: Int { Int(address.rawValue & (pageSize - 1)) }

  static func pieces(of count: Int, at address: LinearAddress) -> [MemoryPiece] {
    var pieces: [MemoryPiece] = []
    var done = 0
    while done < count {
      let start = LinearAddress(address.rawValue &+ UInt64(done))
      let room = Int(pageSize) - Int(start.rawValue & (pageSize - 1))
      pieces.append(MemoryPiece(address: start, count: min(room, count - done)))
      done += min(room, count - done)
    }
    return pieces
  }
}
