/** The API's shapes under the product's own words, all from the generated schema. Every screen imports them from here. */
import type { Answered } from './answered';
import type { components } from './schema.gen';

export type Schemas = components['schemas'];
export type Answer<Name extends keyof Schemas> = Answered<Schemas[Name]>;

export type Role = Schemas['RoleEnum'];
export type Session = Answer<'Session'>;
export type SessionUser = Answer<'SessionUser'>;
export type DemoAccount = Answer<'DemoAccount'>;
export type User = Answer<'User'>;
export type NewUser = Schemas['NewUserRequest'];
export type UserChange = Schemas['PatchedUserChangeRequest'];

export type Project = Answer<'Project'>;
export type NewProject = Schemas['NewProjectRequest'];
export type StudySummary = Answer<'StudySummary'>;
export type Study = Answer<'StudyDetail'>;
export type SeriesDetail = Answer<'Series'>;
export type VolumeSummary = Answer<'VolumeSummary'>;
export type Volume = Answer<'Volume'>;
export type Grid = Answer<'Grid'>;
export type SuvRecord = Answer<'Suv'>;
export type SuvRevision = Answer<'SuvRevision'>;
export type SuvOutcome = Answer<'SuvOutcome'>;
export type SuvValues = Answer<'SuvValues'>;
export type PatientKey = Answer<'PatientKey'>;
export type LivingWorkers = Answer<'LivingWorkers'>;
export type MipHeader = Answer<'MipHeader'>;
export type NamedProblem = Answer<'NamedProblem'>;

/** Only a project that de-identifies reports on it. */
export type ImportReport = Omit<Answer<'ImportReport'>, 'deidentification'> & { deidentification?: DeidentificationReport };
export type ImportRun = Omit<Answer<'ImportRun'>, 'report'> & { report: ImportReport };
export type DeidentificationReport = Answer<'DeidentificationReport'>;
export type ImportedStudy = Answer<'ImportedStudy'>;
export type ImportedSeries = Answer<'ImportedSeries'>;
export type ImportedSegmentation = Answer<'ImportedSegmentation'>;
export type ImportRefusal = Answer<'ImportRefusal'>;
export type AttributesResult = Answer<'AttributesResult'>;

export type SegmentationSummary = Answer<'SegmentationSummary'>;
export type Version = Answer<'Version'>;
export type Lesion = Answer<'Lesion'>;
export type LesionStatus = Lesion['status'];
export type Summary = Answer<'Summary'>;
export type Producer = Answer<'Producer'>;
export type ProducerKind = Producer['kind'];

export type Release = Answer<'Release'>;
export type Job = Answer<'Job'>;
export type JobState = Job['state'];
export type NewJob = Schemas['JobRequestRequest'];

export type WorklistItem = Answer<'WorklistItem'>;
export type WorklistState = WorklistItem['state'];
export type Read = Answer<'Read'>;
export type Score = Answer<'Score'>;
export type ScoreGiven = Schemas['ScoreRequest'];
export type LesionFlag = Answer<'LesionFlag'>;
export type LesionFlagKind = LesionFlag['flag'];
export type Derived = Answer<'Derived'>;
/** An edit as the reading room sends it: nothing is left to a default. */
export type Edit = Required<Schemas['EditRequest']>;
export type LesionEdit = Schemas['LesionTextRequest'];
/** A method that the server computes on a stored version, and the edit it would be. */
export type Question = Schemas['QuestionRequest'];
export type Proposal = Answer<'Proposal'>;
export type OrganRoi = Answer<'OrganRoi'>;
export type NewOrganRoi = Schemas['NewRoiRequest'];
export type Comparison = Answer<'Comparison'>;
/** The coded sites, sides and classes a lesion can be given. */
export type Codes = Answer<'Codes'>;
export type ReadEvent = Schemas['EventRequest'];
export type EventsStored = Answer<'Recorded'>;
export type Arrived = Schemas['ArrivedRequest'];

export type ReaderStudySummary = Answer<'ReaderStudySummary'>;
export type ReaderStudy = Answer<'ReaderStudy'>;
export type ReaderStudyRead = Answer<'ReadResult'>;
export type PlanSummary = Answer<'Plan'>;
export type Person = Answer<'Person'>;
export type NewReaderStudy = Schemas['NewReaderStudyRequest'];

export type StudyExport = Answer<'Export'>;
export type ExportPart = Schemas['PartsEnum'];
export type ExportTableFormat = Schemas['FormatsEnum'];
