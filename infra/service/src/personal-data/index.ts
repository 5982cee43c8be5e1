export {
  columnNames,
  deletedWith,
  eventInventory,
  idOfNobody,
  kept,
  memberDirectoryInventory,
  ownedBy,
  type DataInventory,
  type ErasureAction,
  type SubjectKind,
  type SubjectRows,
  type TableInventory,
} from './inventory.js';
